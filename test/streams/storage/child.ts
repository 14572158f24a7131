import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';

export interface Child {
  readonly pid: number;
  /** The next line it prints. */
  line(): Promise<string>;
  /** kill -9, without waiting for its end. */
  kill(): void;
  readonly ended: Promise<void>;
}

/** Starts a process that runs `source`, an ES module; it ends with the test at the latest. */
export function startChild(t: TestContext, source: string, args: readonly string[]): Child {
  const flags = ['--input-type=module', '--eval', source, '--', ...args];
  const child = spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const kill = () => void child.kill('SIGKILL');
  t.after(async () => {
    kill();
    await ended;
  });
  return {
    pid: child.pid ?? -1,
    line: async () => String((await lines.next()).value),
    kill,
    ended,
  };
}
