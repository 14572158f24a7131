import { type ChildProcess, spawn } from 'node:child_process';
import type { EventEmitter } from 'node:events';
import type { Log } from '../telemetry/log.js';

export interface WorkersOptions {
  readonly log: Log;
  /** Where SIGINT and SIGTERM are heard; this process by default. */
  readonly signals?: Pick<EventEmitter, 'on' | 'off'>;
  readonly limits?: Partial<WorkerLimits>;
}

export interface WorkerLimits {
  /** A worker that lived for so long is as good as new, ms. */
  readonly soundMs: number;
  /** First wait before a worker is started again, doubled each time up to 30 s, ms. */
  readonly waitMs: number;
  /** Ends in a row after which it is given up. */
  readonly endsMax: number;
  /** Time for a worker to stop before it is killed, ms. */
  readonly stopMsMax: number;
}

const usual: WorkerLimits = { soundMs: 60_000, waitMs: 1_000, endsMax: 5, stopMsMax: 30_000 };
const waitMsMax = 30_000;
/** Half the scavenges: most of what a frame makes is gone before the next. */
const nodeArgs = ['--max-semi-space-size=64'];

/**
 * Starts `args` of Node `count` times, each with `--worker I` (from 0), passes signals on, and
 * starts again what ended by itself; resolves when all have ended: 0 after a signal, else the exit
 * code of the worker that could not live.
 */
export function runWorkers(
  count: number,
  args: readonly string[],
  options: WorkersOptions,
): Promise<number> {
  return new Workers(args, options).run(count);
}

/** Port of a worker's HTTP server: that of the settings and the next ones; 0 stays any free one. */
export function workerPort(port: number, worker: number): number {
  return port === 0 ? 0 : port + worker;
}

/** Of a worker: stops as by SIGTERM when the process that started it is gone. */
export function endWithParent(): void {
  if (process.channel === undefined) return;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref(); // it is no reason to live
}

class Workers {
  readonly #args: readonly string[];
  readonly #log: Log;
  readonly #limits: WorkerLimits;
  readonly #signals: Pick<EventEmitter, 'on' | 'off'>;
  readonly #running = new Set<ChildProcess>();
  readonly #waiting = new Set<() => void>();
  #stopping = false;
  #killer: NodeJS.Timeout | undefined;
  #exitCode = 0;

  constructor(args: readonly string[], { log, signals = process, limits }: WorkersOptions) {
    this.#args = args;
    this.#log = log;
    this.#signals = signals;
    this.#limits = { ...usual, ...limits };
  }

  async run(count: number): Promise<number> {
    const stop = (signal: NodeJS.Signals): void => this.#stop(signal);
    this.#signals.on('SIGINT', stop).on('SIGTERM', stop);
    try {
      await Promise.all(Array.from({ length: count }, (_, worker) => this.#keep(worker)));
    } finally {
      clearTimeout(this.#killer);
      this.#signals.off('SIGINT', stop).off('SIGTERM', stop);
    }
    return this.#exitCode;
  }

  /** One worker, started anew until all stop. */
  async #keep(worker: number): Promise<void> {
    const { soundMs, waitMs, endsMax } = this.#limits;
    for (let ends = 0; !this.#stopping; ) {
      const startedMs = performance.now();
      const { code, why } = await this.#once(worker);
      if (this.#stopping) return;
      ends = performance.now() - startedMs >= soundMs ? 1 : ends + 1;
      // Exit code 2 is a wrong setting: it stays wrong.
      if (ends >= endsMax || code === 2) {
        const times = ends === 1 ? 'once' : `${ends} times in a row`;
        const message = `worker ${worker} ended by itself ${times} and is given up; the others stop`;
        this.#log.error(message, { why });
        this.#exitCode = code || 1;
        this.#stop('SIGTERM');
        return;
      }
      const ms = Math.min(waitMs * 2 ** (ends - 1), waitMsMax);
      this.#log.warn(`worker ${worker} ended by itself; it is started again`, { why, in_ms: ms });
      await this.#pause(ms);
    }
  }

  /** Runs a worker to its end. */
  #once(worker: number): Promise<{ readonly code: number | null; readonly why: string }> {
    const args = [...nodeArgs, ...this.#args, '--worker', String(worker)];
    // A group of its own: Ctrl-C of the terminal reaches it once, from here. The channel tells it
    // when this process is gone.
    const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const;
    const child = spawn(process.execPath, args, { detached: true, stdio: [...stdio] });
    this.#running.add(child);
    return new Promise((resolve) => {
      child.once('error', (error) => {
        this.#running.delete(child);
        resolve({ code: null, why: error.message });
      });
      child.once('exit', (code, signal) => {
        this.#running.delete(child);
        resolve({ code, why: signal === null ? `exit code ${code}` : `killed by ${signal}` });
      });
    });
  }

  #stop(signal: NodeJS.Signals): void {
    this.#stopping = true;
    for (const child of this.#running) child.kill(signal);
    for (const wake of this.#waiting) wake();
    this.#killer ??= setTimeout(() => {
      const left = this.#running.size;
      this.#log.error('workers did not stop in time and are killed; nothing is lost', { left });
      for (const child of this.#running) child.kill('SIGKILL');
      this.#exitCode ||= 1;
    }, this.#limits.stopMsMax);
  }

  /** Waits, but not longer than until all stop. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#waiting.add(wake);
    });
  }
}
