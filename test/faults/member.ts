import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const weir = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const clockShift = new URL('./clock-shift.js', import.meta.url).href;

/** None outlives the campaign, however that ends. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** What is told to one start of a process. */
export interface StartOptions {
  /** `NAME:COUNT`. */
  readonly failPoint?: string;
  readonly clockShiftMs?: number;
}

/** A Weir process that is started again whenever it ends, as any supervisor would. */
export class Member {
  readonly name: string;
  /** Ends that nobody asked for and no signal caused: exit codes. */
  readonly ends: number[] = [];
  starts = 0;
  readonly #config: string;
  readonly #logFile: string;
  readonly #restartMs: () => number;
  #child: ChildProcess | null = null;
  #wanted = true;
  #restart: NodeJS.Timeout | null = null;
  #ended: Promise<void> = Promise.resolve();
  /** Whether the armed fail point ended it. */
  failPointReached = false;
  #armed = false;
  /** How it ended last. */
  ended: number | NodeJS.Signals = 0;

  constructor(directory: string, name: string, config: string, restartMs: () => number) {
    this.name = name;
    this.#config = join(directory, `${name}.yaml`);
    this.#logFile = join(directory, `${name}.log`);
    this.#restartMs = restartMs;
    writeFileSync(this.#config, config);
  }

  /** Of the process that runs; 0 where none does. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get running(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  start({ failPoint, clockShiftMs }: StartOptions = {}): void {
    this.starts++;
    const log = openSync(this.#logFile, 'a');
    const preload = clockShiftMs === undefined ? [] : ['--import', clockShift];
    const env = {
      ...process.env,
      ...(failPoint === undefined ? {} : { WEIR_TEST_FAIL_POINT: failPoint }),
      ...(clockShiftMs === undefined ? {} : { WEIR_TEST_CLOCK_SHIFT_MS: String(clockShiftMs) }),
    };
    this.#armed = failPoint !== undefined;
    const args = ['--enable-source-maps', ...preload, weir, 'run', '--config', this.#config];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', log, log] });
    closeSync(log);
    this.#child = child;
    running.add(child);
    this.#ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        running.delete(child);
        this.ended = code ?? signal ?? 0;
        if (this.#armed && signal === 'SIGKILL') this.failPointReached = true;
        if (this.#wanted) {
          if (code !== null) this.ends.push(code);
          this.#restart = setTimeout(() => this.start(), this.#restartMs());
        }
        resolve();
      });
    });
  }

  kill(): void {
    this.#armed = false;
    this.#child?.kill('SIGKILL');
  }

  /** Ends it by kill -9 and starts it with the options instead. */
  async startAnew(options: StartOptions): Promise<void> {
    this.#wanted = false;
    if (this.#restart !== null) clearTimeout(this.#restart);
    this.kill();
    await this.#ended;
    this.#wanted = true;
    this.start(options);
  }

  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Whether it has said so in its log. */
  hasSaid(words: string): boolean {
    return readFileSync(this.#logFile, 'utf8').includes(words);
  }

  /** Runs `weir NAME` with the process's own settings to its end. */
  async command(name: string): Promise<void> {
    const log = openSync(this.#logFile, 'a');
    const child = spawn(process.execPath, [weir, name, '--config', this.#config], {
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error(`weir ${name} ended with ${code}: ${this.#logFile}`);
  }

  /**
   * SIGTERM, once and for all; kill -9 after `msMax`. @returns whether it ended by itself, with 0
   */
  async stop(msMax: number): Promise<boolean> {
    this.#wanted = false;
    if (this.#restart !== null) clearTimeout(this.#restart);
    if (!this.running) return true;
    this.#child?.kill('SIGTERM');
    const killer = setTimeout(() => this.#child?.kill('SIGKILL'), msMax);
    await this.#ended;
    clearTimeout(killer);
    // By the signal itself where it had not yet begun to listen for it.
    return this.ended === 0 || this.ended === 'SIGTERM';
  }
}
