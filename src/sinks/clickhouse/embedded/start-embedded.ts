import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WeirError } from '../../../errors.js';
import { jitteredWaitMs } from '../../back-off.js';
import { embeddedAvailable } from './embedded-available.js';
import type { HostMessage, HostSettings } from './host-settings.js';

export interface EmbeddedOptions extends Partial<HostSettings> {
  readonly directory: string;
  /** Called each time the process has ended by itself and is started again, with why. */
  readonly onRestart?: (reason: string) => void;
  /** Called when it is given up: `restartsMax` starts in a row have failed. */
  readonly onGivenUp?: (error: WeirError) => void;
  readonly restartsMax?: number;
  readonly startMsMax?: number;
  /** How long `close` waits for running statements. */
  readonly drainMsMax?: number;
}

/** A ClickHouse that runs in a child process and speaks HTTP on loopback. */
export interface EmbeddedClickhouse {
  /** The same for life, over restarts. */
  readonly url: string;
  readonly version: string;
  /** Process id; null between a crash and the next start. */
  pid(): number | null;
  restarts(): number;
  close(): Promise<void>;
}

const hostFile = fileURLToPath(new URL('./host.js', import.meta.url));
const stableMs = 30_000;
const lockedMsMax = 10_000;

/**
 * Starts ClickHouse in a child process and waits until it answers (seconds on first load).
 * @throws WeirError clickhouse-missing, data-dir-locked, port-taken, clickhouse-failed
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedClickhouse> {
  const availability = embeddedAvailable();
  if (!availability.available) throw new WeirError('clickhouse-missing', availability.reason);
  const embedded = new Embedded(options);
  await embedded.start();
  return embedded;
}

function settingsOf(options: EmbeddedOptions): HostSettings {
  return {
    directory: options.directory,
    port: options.port ?? 0,
    username: options.username ?? 'default',
    password: options.password ?? '',
    threads: options.threads ?? 2,
    memoryBytesMax: options.memoryBytesMax ?? 1_500_000_000,
    concurrency: options.concurrency ?? 2,
    waitingMax: options.waitingMax ?? 64,
    bodyBytesMax: options.bodyBytesMax ?? 64 * 1024 * 1024,
    elements: options.elements ?? '',
  };
}

class Embedded implements EmbeddedClickhouse {
  url = '';
  version = '';
  private readonly options: EmbeddedOptions;
  private settings: HostSettings;
  private child: ChildProcess | null = null;
  private readonly closing = new AbortController();
  private restartCount = 0;
  private failuresInRow = 0;
  private reviving: Promise<void> = Promise.resolve();

  constructor(options: EmbeddedOptions) {
    this.options = options;
    this.settings = settingsOf(options);
  }

  pid(): number | null {
    return this.child?.pid ?? null;
  }

  restarts(): number {
    return this.restartCount;
  }

  async start(): Promise<void> {
    const startedMs = performance.now();
    for (;;) {
      try {
        return await this.launch();
      } catch (error) {
        // The process of a parent that was just killed may still be finishing its statements.
        const again = error instanceof WeirError && error.code === 'data-dir-locked';
        if (!again || performance.now() - startedMs > lockedMsMax) throw error;
        await delay(250);
      }
    }
  }

  private async launch(): Promise<void> {
    const child = fork(hostFile, [], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: [],
    });
    const lastWords = tailOf(child);
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.send(this.settings, () => undefined); // a failure shows as the exit below
    const message = await firstMessage(child, this.options.startMsMax ?? 120_000);
    if (message.kind === 'failed') {
      await closed; // the engine's own words come over another pipe
      throw startError(message, this.settings, lastWords());
    }
    this.version = message.version;
    // Clients keep the URL, so the next process must take the same port.
    this.settings = { ...this.settings, port: message.port };
    this.url = `http://127.0.0.1:${message.port}`;
    this.child = child;
    const upMs = performance.now();
    child.once('exit', (code, signal) => {
      this.child = null;
      if (performance.now() - upMs > stableMs) this.failuresInRow = 0;
      this.reviving = this.revive(`ended with ${signal ?? `code ${code}`} ${lastWords()}`.trim());
    });
  }

  private async revive(reason: string): Promise<void> {
    if (this.closing.signal.aborted) return;
    this.options.onRestart?.(reason);
    let cause: unknown = reason;
    while (this.failuresInRow < (this.options.restartsMax ?? 10)) {
      const waitMs = jitteredWaitMs(this.failuresInRow, 100, 10_000);
      this.failuresInRow += 1;
      try {
        await delay(waitMs, undefined, { signal: this.closing.signal });
        await this.start();
        this.restartCount += 1;
        return;
      } catch (error) {
        if (this.closing.signal.aborted) return;
        cause = error;
      }
    }
    this.options.onGivenUp?.(
      new WeirError(
        'clickhouse-failed',
        `the embedded ClickHouse ended ${this.failuresInRow} times in a row (last: ${reason}) and is not started again; restart Weir once the cause is mended`,
        { cause, place: { path: this.settings.directory } },
      ),
    );
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.reviving;
    await this.end();
  }

  private async end(): Promise<void> {
    const child = this.child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), this.options.drainMsMax ?? 10_000);
    await ended;
    clearTimeout(late);
  }
}

/** Keeps the last kilobyte of what the process wrote to its standard error. */
function tailOf(child: ChildProcess): () => string {
  let tail = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-1024);
  });
  return () => tail.trim();
}

function firstMessage(child: ChildProcess, msMax: number): Promise<HostMessage> {
  return new Promise((resolve) => {
    const other = (message: string): void => settle({ kind: 'failed', why: 'other', message });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      other(`it was not ready within ${msMax} ms`);
    }, msMax);
    const onExit = (code: number | null, signal: string | null): void =>
      other(`it ended at its start with ${signal ?? `code ${code}`}`);
    const onError = (error: Error): void => other(error.message);
    const settle = (message: HostMessage): void => {
      clearTimeout(timer);
      child.off('exit', onExit).off('error', onError);
      resolve(message);
    };
    child.once('message', (message) => settle(message as HostMessage)); // sent by host.ts only
    child.once('exit', onExit).once('error', onError);
  });
}

function startError(
  failed: HostMessage & { kind: 'failed' },
  settings: HostSettings,
  lastWords: string,
): WeirError {
  const place = { path: settings.directory };
  const locked = /Another server instance in same directory/.test(lastWords); // code 76
  switch (locked ? 'locked' : failed.why) {
    case 'locked':
      return new WeirError(
        'data-dir-locked',
        `expected to be alone with ${settings.directory}; another process has it open: stop that one, or choose another directory`,
        { cause: failed.message, place },
      );
    case 'port-taken':
      return new WeirError(
        'port-taken',
        `expected port ${settings.port} of 127.0.0.1 to be free for the embedded ClickHouse; another program listens there: stop it or set another port (0 takes any)`,
        { cause: failed.message },
      );
    case 'other':
      return new WeirError(
        'clickhouse-failed',
        `the embedded ClickHouse did not start: ${failed.message} ${lastWords}`.trim(),
        { place },
      );
  }
}
