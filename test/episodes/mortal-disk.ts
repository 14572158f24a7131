import fs, { type PathLike } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** What the process died of. */
export class Killed extends Error {
  constructor() {
    super('killed by the test');
  }
}

/** Calls that change the disk; those that only read or close are let through. */
const changing = [
  'fdatasyncSync',
  'fsyncSync',
  'ftruncateSync',
  'mkdirSync',
  'openSync',
  'renameSync',
  'rmSync',
  'symlinkSync',
  'unlinkSync',
  'writeFileSync',
  'writeSync',
] as const;

type Call = (...args: unknown[]) => unknown;

/**
 * A process that can die at each of its calls that change something: on disk here, elsewhere by
 * `point`. From then on none of its calls does anything but fail.
 */
export class MortalDisk {
  /** Calls so far. */
  calls = 0;
  dead = false;
  readonly #killAt: number;
  readonly #random: () => number;
  readonly #real = new Map<string, Call>();

  /** @param killAt number of the call at which it dies, from 0; Infinity for none */
  constructor(killAt: number, random: () => number) {
    this.#killAt = killAt;
    this.#random = random;
  }

  /** A call elsewhere: done before the process dies of it, or not. */
  point<Value>(call: () => Value): Value {
    if (this.dead) throw new Killed();
    const isLast = this.calls++ === this.#killAt;
    if (!isLast) return call();
    if (this.#random() < 0.5) call();
    this.dead = true;
    throw new Killed();
  }

  /** Until `remove` the functions of `node:fs` are those of this process. */
  install(): void {
    // The functions that Node's own module object holds; its types know no writing to it.
    const own = fs as unknown as Record<string, Call>;
    for (const name of changing) {
      const real = own[name]!;
      this.#real.set(name, real);
      own[name] = (...args) => this.#call(name, real, args);
    }
    syncBuiltinESMExports();
  }

  remove(): void {
    const own = fs as unknown as Record<string, Call>; // as above
    for (const [name, real] of this.#real) own[name] = real;
    this.#real.clear();
    syncBuiltinESMExports();
  }

  #call(name: string, real: Call, args: unknown[]): unknown {
    // A dead process has no lock, which its successor finds; and reading is no change.
    if (name === 'openSync' && args[1] === 'r') return real(...args);
    if (this.dead) throw new Killed();
    if (this.calls++ !== this.#killAt) return real(...args);
    this.dead = true;
    if (name === 'writeSync') tear(real, args, this.#random());
    else if (this.#random() < 0.5) real(...args);
    throw new Killed();
  }
}

/** A part of the bytes, or all. */
function tear(real: Call, args: unknown[], share: number): void {
  const [fd, data, offset = 0, length, position] = args;
  if (!(data instanceof Uint8Array)) return;
  const whole = typeof length === 'number' ? length : data.length - Number(offset);
  const part = Math.floor(share * (whole + 1));
  if (part > 0) real(fd, data, offset, part, position);
}

/** What the system does with a dead process's lock: it holds nothing. */
export function dropLocks(directory: string): void {
  if (!fs.existsSync(directory)) return;
  for (const name of fs.readdirSync(directory)) {
    if (name.startsWith('lock.')) fs.rmSync(`${directory}/${name}` satisfies PathLike);
  }
}
