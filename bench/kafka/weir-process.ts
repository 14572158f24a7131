import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const ticksPerSecond = 100; // of Linux's /proc, on every machine there is

/** `weir run` in processes of its own, with what they write and use. */
export interface WeirProcess {
  readonly directory: string;
  ended(): boolean;
  /** Sums of metrics over the processes and over their labels, parallel to the names. */
  metrics(names: readonly string[]): Promise<number[]>;
  /** Whole lines that it has logged. */
  log(): string;
  /** Processor time of Weir's own processes and of the embedded ClickHouse, s. */
  cpu(): { readonly weir: number; readonly clickhouse: number };
  /** Ends it as an operator would. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Made if need be; state of its own, the configuration, the log and profiles. */
  readonly directory: string;
  readonly config: object;
  readonly workers: number;
  readonly port: number;
  readonly nodeArgs: readonly string[];
}

export function startWeir(options: StartOptions): WeirProcess {
  const { directory, config, workers, port, nodeArgs } = options;
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'weir.config.yaml');
  const server = { enabled: true, port };
  const whole = { ...config, workers, server, data: join(directory, 'data') };
  writeFileSync(path, JSON.stringify(whole)); // JSON is YAML
  const logPath = join(directory, 'weir.log');
  const output = openSync(logPath, 'w');
  const args = [...nodeArgs, main, 'run', '--config', path];
  const child = spawn(process.execPath, args, {
    detached: true,
    stdio: ['ignore', output, output],
    // Workers are started by it and are given these too; profiles are of the first process alone.
    env: { ...process.env, NODE_OPTIONS: nodeArgs.filter((a) => !a.includes('prof')).join(' ') },
  });
  closeSync(output);
  return {
    directory,
    ended: () => child.exitCode !== null,
    metrics: (names) => sumsOf(names, workers, port),
    log: () => readFileSync(logPath, 'utf8'),
    cpu: () => cpuOf(child.pid!),
    stop: () => stop(child),
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await Promise.race([ended, delay(60_000, undefined, { ref: false })]);
  if (child.exitCode === null) process.kill(-child.pid!, 'SIGKILL');
}

export function removeAll(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}

async function sumsOf(names: readonly string[], workers: number, port: number): Promise<number[]> {
  const sums = names.map(() => 0);
  for (let worker = 0; worker < workers; worker++) {
    const answer = await fetch(`http://127.0.0.1:${port + worker}/metrics`);
    for (const line of (await answer.text()).split('\n')) {
      const at = names.indexOf(/^\w+/.exec(line)?.[0] ?? '');
      if (at >= 0) sums[at]! += Number(line.slice(line.lastIndexOf(' ') + 1));
    }
  }
  return sums;
}

function cpuOf(root: number): { weir: number; clickhouse: number } {
  const listed = execFileSync('ps', ['-eo', 'pid,ppid,args'], { encoding: 'utf8' });
  const rows = listed.split('\n').map((line) => line.trim().split(/\s+/));
  const own = new Set([String(root)]);
  // Parents have smaller numbers but after a wrap: look until nothing is added.
  for (let size = 0; size !== own.size; ) {
    size = own.size;
    for (const [pid, parent] of rows) if (own.has(parent!)) own.add(pid!);
  }
  const cpu = { weir: 0, clickhouse: 0 };
  for (const [pid, , ...args] of rows) {
    if (!own.has(pid!)) continue;
    const embedded = args.some((arg) => arg.includes('/embedded/'));
    cpu[embedded ? 'clickhouse' : 'weir'] += cpuOfProcess(Number(pid));
  }
  return cpu;
}

/** User and system time of a process, s; 0 for one that is gone. */
export function cpuOfProcess(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  } catch {
    return 0;
  }
}

/** The process that listens on a port; 0 where none is found. */
export function listenerOf(address: string): number {
  const port = address.split(':').at(-1)!;
  const found = execFileSync('ss', ['-ltnpH', `sport = :${port}`], { encoding: 'utf8' });
  return Number(/pid=(\d+)/.exec(found)?.[1] ?? 0);
}
