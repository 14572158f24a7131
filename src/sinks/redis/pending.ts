import type { WeirError } from '../../errors.js';
import type { FeatureValue, ViewShape } from '../../features/shape.js';
import type { Latest } from '../../records/vector.js';

/** What the sink knows of one view. */
export interface Target {
  readonly view: ViewShape;
  readonly redisKey: (key: string | number) => string;
  readonly features: (values: readonly FeatureValue[]) => string;
  /** JSON of the view's hash. */
  readonly definition: string;
  /** ms as text; `0` for ever. */
  readonly ttl: string;
  /** By the key's text: what has not been sent. */
  readonly waiting: Map<string, Entry>;
}

/** A vector that is not acknowledged yet. */
export interface Entry {
  readonly target: Target;
  readonly redisKey: string;
  latest: Latest;
  /** When the oldest event it stands for was taken, ms. */
  arrivedMs: number;
  /** When the oldest write it stands for was asked for, ms. */
  sinceMs: number;
  /** The flush that first waits for it. */
  generation: number;
}

/** Below 0 where `a` is older than `b`, 0 where they are of the same instant. */
function compareLatest(a: Latest, b: Latest): number {
  return a.position.epoch - b.position.epoch || a.position.n - b.position.n || a.asOfMs - b.asOfMs;
}

/** Makes `entry` stand for `other` too: the newer vector, since the older of both times. */
export function merge(entry: Entry, other: Pick<Entry, 'latest' | 'arrivedMs' | 'sinceMs'>): void {
  if (compareLatest(other.latest, entry.latest) > 0) entry.latest = other.latest;
  entry.arrivedMs = Math.min(entry.arrivedMs, other.arrivedMs);
  entry.sinceMs = Math.min(entry.sinceMs, other.sinceMs);
}

interface Flush {
  readonly generation: number;
  readonly resolve: () => void;
  readonly reject: (error: WeirError) => void;
}

/** Counts what is outstanding per flush, so that a flush waits for what was written before it. */
export class Outstanding {
  #generation = 0;
  #count = 0;
  readonly #counts = new Map<number, number>();
  #flushes: Flush[] = [];

  get count(): number {
    return this.#count;
  }

  get generation(): number {
    return this.#generation;
  }

  add(generation: number): void {
    this.#count += 1;
    this.#counts.set(generation, (this.#counts.get(generation) ?? 0) + 1);
  }

  remove(generation: number): void {
    this.#count -= 1;
    const left = this.#counts.get(generation)! - 1;
    if (left > 0) this.#counts.set(generation, left);
    else this.#counts.delete(generation);
  }

  /** Resolves the flushes that nothing holds back any more. */
  settle(): void {
    if (this.#flushes.length === 0) return;
    const oldest = Math.min(...this.#counts.keys());
    const done = this.#flushes.filter(({ generation }) => generation < oldest);
    this.#flushes = this.#flushes.filter(({ generation }) => generation >= oldest);
    for (const { resolve } of done) resolve();
  }

  /** Resolves when all that was added so far is removed. */
  flush(): Promise<void> {
    const generation = this.#generation;
    this.#generation += 1;
    return new Promise((resolve, reject) => {
      this.#flushes.push({ generation, resolve, reject });
      this.settle();
    });
  }

  /** Ends the flushes that wait. */
  abandon(error: WeirError): void {
    for (const { reject } of this.#flushes.splice(0)) reject(error);
  }
}
