import { connect } from 'node:net';
import { errnoOf } from '../disk-error.js';
import { WeirError } from '../errors.js';
import type { Log } from '../telemetry/log.js';

export type Level = 'ok' | 'warn' | 'fail';

/** One thing that was looked at. */
export interface Finding {
  readonly part: string;
  readonly level: Level;
  readonly found: string;
  /** What to do; empty where all is well. */
  readonly remedy: string;
}

/** What an examination has to tell, and to open things with. */
export interface Examination {
  readonly log: Log;
  readonly msMax: number;
  ok(found: string): void;
  warn(found: string, remedy: string): void;
  fail(found: string, remedy: string): void;
  /** Names what is asked next, and what to do where no answer comes. */
  asks(what: string, remedy?: string): void;
  /** What the client said last: the cause of a failure that has another message. */
  said(): string;
  /** Closed at the end, however that comes. */
  opened(close: () => Promise<void> | void): void;
}

/** Examines one part; a part that takes longer than `msMax`, or breaks, is told as such. */
export async function examine(
  part: string,
  msMax: number,
  body: (examination: Examination) => Promise<void> | void,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const closers: (() => Promise<void> | void)[] = [];
  const silence = 'check that the server is well and that nothing between holds back what is sent';
  let asked = 'to connect';
  let ifSilent = silence;
  let said = '';
  let over = false;
  const add = (level: Level, found: string, remedy: string): void => {
    if (!over) findings.push({ part, level, found, remedy });
  };
  // What the clients tell while they try: the cause of a silence is there.
  const hear = (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    const { error } = fields;
    said = error === undefined ? message : String(error instanceof Error ? error.message : error);
  };
  const log: Log = { debug: hear, info: () => undefined, warn: hear, error: hear };
  const told = () => (said === '' ? '' : ` (${said})`);
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      const seconds = msMax / 1_000;
      add('fail', `no answer within ${seconds} s when asked ${asked}${told()}`, ifSilent);
      resolve();
    }, msMax);
  });
  const examination: Examination = {
    log,
    msMax,
    ok: (found) => add('ok', found, ''),
    warn: (found, remedy) => add('warn', found, remedy),
    fail: (found, remedy) => add('fail', found, remedy),
    asks: (what, remedy = silence) => {
      asked = what;
      ifSilent = remedy;
    },
    said: () => said,
    opened: (close) => closers.push(close),
  };
  const examined = (async () => body(examination))().catch((error: unknown) => {
    const remedy = error instanceof WeirError ? 'as it says' : 'see the message';
    add('fail', `asked ${asked}: ${messageOf(error)}${told()}`, remedy);
  });
  await Promise.race([examined, deadline]);
  over = true;
  clearTimeout(timer);
  await Promise.race([
    Promise.allSettled(closers.map(async (close) => close())),
    new Promise((resolve) => setTimeout(resolve, 500)),
  ]);
  return findings;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.split('\n', 1)[0]! : String(error);
}

/** Whether something takes connections at `host:port`; else why not. */
export function reach(server: string, msMax: number): Promise<string | null> {
  const colon = server.lastIndexOf(':');
  const host = server.slice(0, colon).replace(/^\[|\]$/g, '');
  const port = Number(server.slice(colon + 1));
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (why: string | null): void => {
      socket.destroy();
      resolve(why);
    };
    socket.setTimeout(msMax, () => end(`no connection within ${msMax / 1_000} s`));
    socket.once('connect', () => end(null));
    socket.once('error', (error) => end(reasons[errnoOf(error) ?? ''] ?? error.message));
  });
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'no such name',
  EAI_AGAIN: 'the name cannot be looked up',
  EHOSTUNREACH: 'no way there',
  ENETUNREACH: 'no way there',
};

export function bytesText(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const power = Math.min(4, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${(bytes / 1_000 ** power).toFixed(power < 2 ? 0 : 1)} ${units[power]}`;
}

/** Servers whose clocks differ give lifetimes and times of writing that are off. */
export function tellSkew({ ok, warn }: Examination, serverMs: number, sentMs: number): void {
  const skewMs = serverMs - (sentMs + Date.now()) / 2;
  const told = `its clock is ${Math.abs(skewMs / 1_000).toFixed(1)} s ${skewMs < 0 ? 'behind' : 'ahead'}`;
  if (Math.abs(skewMs) > 5_000) warn(told, 'set the clocks of both machines by NTP');
  else ok(told);
}
