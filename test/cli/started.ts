import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/main.js', import.meta.url));

const scratches: string[] = [];
const children = new Set<ChildProcess>();
after(() => {
  for (const child of children) child.kill('SIGKILL');
  for (const path of scratches) rmSync(path, { recursive: true, force: true });
});

/** A directory that is removed when the file's tests have ended. */
export function scratch(): string {
  const path = mkdtempSync(join(tmpdir(), 'weir-start-'));
  scratches.push(path);
  return path;
}

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

export interface Started {
  readonly child: ChildProcess;
  /** Of the HTTP server, once it was told. */
  readonly url: string;
  readonly lines: readonly LogLine[];
  /** The first line of the log whose message matches, past or to come. */
  line(pattern: RegExp): Promise<LogLine>;
  get(path: string): Promise<{ status: number; body: Json }>;
  post(topic: string, ...lines: string[]): Promise<{ status: number; body: Json }>;
  /** Ends it by a signal; its exit. */
  end(signal: NodeJS.Signals): Promise<Exit>;
  readonly exit: Promise<Exit>;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

type Scalar = string | number | boolean | null | undefined;
export type Json = Scalar | Json[] | { readonly [name: string]: Json };

/** `weir start` (or another command) as a process of its own, its settings in a file. */
export function spawnWeir(
  settings: object,
  args: readonly string[] = ['start'],
  env: Readonly<Record<string, string>> = {},
): Omit<Started, 'url'> {
  const config = join(scratch(), 'weir.config.yaml');
  writeFileSync(config, JSON.stringify(settings)); // JSON is YAML
  const child = spawn(process.execPath, [main, ...args, '--config', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  children.add(child);
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  let stderr = '';
  let rest = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    const parts = (rest + text).split('\n');
    rest = parts.pop()!;
    for (const part of parts) if (part.startsWith('{')) lines.push(JSON.parse(part));
    for (const look of [...waiting]) look();
  });
  const exit = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => {
      children.delete(child);
      resolve({ code, signal, stderr });
    });
  });
  const line = (pattern: RegExp): Promise<LogLine> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = lines.find(({ message }) => pattern.test(message));
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
      exit.then(() => reject(new Error(`ended before it said ${pattern}: ${stderr}`)));
    });
  const urlOf = async (): Promise<string> => {
    const { message } = await line(/^open http/);
    return /http:\S+/.exec(message)![0];
  };
  const ask = async (path: string, init?: RequestInit) => {
    const answer = await fetch(`${await urlOf()}${path}`, init ?? {});
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json') === true;
    return { status: answer.status, body: isJson ? (JSON.parse(text) as Json) : text };
  };
  return {
    child,
    lines,
    line,
    exit,
    get: (path) => ask(path),
    post: (topic, ...records) =>
      ask(`/events/${topic}`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body: `${records.join('\n')}\n`,
      }),
    end: (signal) => {
      child.kill(signal);
      return exit;
    },
  };
}

/** A small world: 100 users over four days, no ClickHouse unless asked for. */
export function smallWorld(data: string, more: object = {}): object {
  return {
    data,
    server: { port: 0 },
    clickhouse: { mode: 'off' },
    generator: { users: 100, places: 50, days: 4, events_per_day: 1_200 },
    log: { format: 'json' },
    ...more,
  };
}
