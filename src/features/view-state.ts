import { squaredDeviations } from '../windows/accumulator.js';
import { DistinctSet } from '../windows/distinct-set.js';
import { type FlatArray, packArrays, unpackArrays, widerFloats } from '../windows/flat-arrays.js';
import { canonicalKey, KeyTable } from '../windows/key-table.js';
import { TopCounts } from '../windows/top-counts.js';
import type { Row } from './fields.js';
import { library } from './functions.js';
import { type Plan, planView } from './plan.js';
import { isNumeric, writeProgram } from './program.js';
import type { FeatureValue } from './shape.js';
import type { TableState } from './table-state.js';
import type { ViewDefinition } from './view.js';

/** Which vectors of an event are wanted: before it is added, after, or neither. */
export const wanted = { none: 0, before: 1, after: 2 } as const;
export type Wanted = (typeof wanted)[keyof typeof wanted];

interface Program {
  readonly event: (
    r: Row,
    k: number,
    t: number,
    mode: number,
    N: Float64Array,
    n: number,
    O: unknown[],
    o: number,
  ) => void;
  readonly read: (
    k: number,
    at: number,
    ov: number,
    N: Float64Array,
    n: number,
    O: unknown[],
    o: number,
  ) => number;
  readonly change: (k: number) => number;
  readonly reserve: (k: number) => void;
  readonly asOf: (k: number) => number;
  readonly dump: (keys: number) => FlatArray[];
  readonly restore: (parts: readonly FlatArray[]) => void;
  readonly bytes: (keys: number) => number;
}

const lib = {
  ...library,
  key: (key: string | number | null) => (key === null ? null : canonicalKey(key)),
  squaredDeviations,
  /** Null in a row is NaN in arithmetic. */
  num: (value: number | null): number => (value === null ? Number.NaN : value),
  finite: (value: number): number => (Number.isFinite(value) ? value : Number.NaN),
};

/** Where each feature's value stands: index into the numbers or into the other values. */
export interface ValueSlot {
  readonly numeric: boolean;
  readonly index: number;
}

/** The state of one view in one task: pure, no clock. */
export class ViewState {
  readonly definition: ViewDefinition;
  /** Parallel to the definition's features. */
  readonly slots: readonly ValueSlot[];
  /** How many numbers and how many other values a vector has. */
  readonly numbers: number;
  readonly others: number;
  readonly keys = new KeyTable();
  readonly #plan: Plan;
  readonly #program: Program;
  readonly #tables: readonly TableState[];
  readonly #sets: readonly DistinctSet[];
  readonly #tops: readonly TopCounts[];

  /** @param tables states of the definition's joins, in order; the task folds updates into them */
  constructor(definition: ViewDefinition, tables: readonly TableState[]) {
    this.definition = definition;
    this.#plan = planView(definition);
    this.#tables = tables;
    this.#sets = Array.from({ length: this.#plan.setCount }, () => new DistinctSet());
    this.#tops = this.#plan.tops.map(() => new TopCounts());
    this.slots = slotsOf(definition);
    this.numbers = this.slots.filter((slot) => slot.numeric).length;
    this.others = this.slots.length - this.numbers;
    const runtime = {
      lib,
      tables,
      sets: this.#sets,
      tops: this.#tops,
      growFloats: widerFloats,
    };
    const make = new Function('runtime', writeProgram(definition, this.#plan));
    this.#program = make(runtime) as Program; // the generated text returns exactly these functions
  }

  /**
   * Adds an event of `key` to its windows and writes the wanted vector to `numbers` and `others`.
   * @returns the key's number
   */
  event(
    row: Row,
    key: string | number,
    timeMs: number,
    mode: Wanted,
    numbers: Float64Array,
    n: number,
    others: unknown[],
    o: number,
  ): number {
    const before = this.keys.count;
    const k = this.keys.take(key);
    if (this.keys.count !== before) this.#program.reserve(k);
    this.#program.event(row, k, timeMs, mode, numbers, n, others, o);
    return k;
  }

  /** Largest event time the key's number has seen, ms. */
  asOfMs(k: number): number {
    return this.#program.asOf(k);
  }

  /**
   * Writes the vector with all events as of `atMs`, not before the key's `asOfMs`.
   * @returns the first instant at which a window's content changes by itself; Infinity for never
   */
  read(
    k: number,
    atMs: number,
    numbers: Float64Array,
    n: number,
    others: unknown[],
    o: number,
  ): number {
    const join = this.#plan.ownJoin;
    const maxAgeMs = this.definition.joins[join]?.maxAgeMs ?? Number.POSITIVE_INFINITY;
    const own = join < 0 ? 0 : this.#tables[join]!.find(this.keys.keys[k]!, atMs, maxAgeMs);
    return this.#program.read(k, atMs, own, numbers, n, others, o);
  }

  /** The first instant after `asOfMs` at which a window changes by itself; Infinity for never. */
  changeMs(k: number): number {
    return this.#program.change(k);
  }

  /** The public features' values from what `event` or `read` wrote. */
  values(numbers: Float64Array, n: number, others: readonly unknown[], o: number): FeatureValue[] {
    const list: FeatureValue[] = [];
    for (let i = 0; i < this.definition.publicCount; i++) {
      const slot = this.slots[i]!;
      const number = numbers[n + slot.index]!;
      if (!slot.numeric) list.push((others[o + slot.index] ?? null) as FeatureValue);
      else list.push(Number.isFinite(number) ? number : null);
    }
    return list;
  }

  /** Bytes of state, keys included as about 60 each. */
  get bytes(): number {
    const parts = [...this.#sets, ...this.#tops].reduce((sum, part) => sum + part.bytes, 0);
    return this.#program.bytes(this.keys.count) + parts + this.keys.count * 60;
  }

  dump(): Map<string, readonly Uint8Array[]> {
    const keys = new TextEncoder().encode(JSON.stringify(this.keys.keys));
    const parts = new Map<string, readonly Uint8Array[]>();
    parts.set('program', packArrays([keys, ...this.#program.dump(this.keys.count)]));
    for (const [i, set] of this.#sets.entries()) parts.set(`set${i}`, packArrays(set.dump()));
    for (const [i, top] of this.#tops.entries()) parts.set(`top${i}`, packArrays(top.dump()));
    return parts;
  }

  restore(parts: ReadonlyMap<string, Uint8Array>): void {
    const [keys, ...rest] = unpackArrays(parts.get('program')!);
    const list: (string | number)[] = JSON.parse(new TextDecoder().decode(keys as Uint8Array));
    for (const key of list.slice(1)) this.keys.take(key);
    this.#program.restore(rest);
    for (const [i, set] of this.#sets.entries()) set.restore(unpackArrays(parts.get(`set${i}`)!));
    for (const [i, top] of this.#tops.entries()) top.restore(unpackArrays(parts.get(`top${i}`)!));
  }
}

function slotsOf(definition: ViewDefinition): ValueSlot[] {
  let numbers = 0;
  let others = 0;
  return definition.features.map((feature) =>
    isNumeric(feature) ? { numeric: true, index: numbers++ } : { numeric: false, index: others++ },
  );
}
