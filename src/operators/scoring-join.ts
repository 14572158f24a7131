import type { VectorRow } from '../models/inputs.js';
import { type HalfFrame, type HalfOutcome, halfRow } from './half-frame.js';
import type { ModelLayout, Side } from './half-layout.js';
import type { ScoringCandidate } from './model-scorer.js';

export interface JoinLimits {
  /** How long a first half waits after it came, and after its peer last sent anything, ms. */
  readonly waitMs: number;
  /** How long it waits at most, ms. */
  readonly waitMsMax: number;
  /** Events that may stand in line, and second halves; beyond it the oldest wait no more. */
  readonly pendingMax: number;
}

/**
 * A sink that is away holds tasks back for minutes: a score without its half is worth less than a
 * late one.
 */
export const usualJoinLimits: JoinLimits = {
  waitMs: 60_000,
  waitMsMax: 600_000,
  pendingMax: 100_000,
};

type Key = string | number;

/** What leaves the join, in the order of the first halves. */
export type Released =
  | { readonly kind: 'event'; readonly event: ScoringCandidate; readonly item: Key | null }
  | { readonly kind: 'outcome'; readonly key: Key; readonly item: Key; readonly timeMs: number }
  | { readonly kind: 'tick'; readonly watermarkMs: number };

interface Waiting {
  readonly kind: 'event';
  readonly event: Omit<ScoringCandidate, 'second'>;
  /** Key of the second view; null in halves of an earlier version. */
  readonly item: Key | null;
  second: VectorRow | null;
  readonly peer: number;
  arrivedMs: number;
}

type Entry = Waiting | Exclude<Released, { kind: 'event' }>;

/**
 * Joins the halves of one model's events by their source coordinates, in the order of the first
 * halves. Positions follow from the log alone; only what waits no longer is decided by a clock.
 */
export class ScoringJoin {
  /** Events released without their second half. */
  missing = 0;
  /** Second halves that came too late, or beyond the limit. */
  unclaimed = 0;
  /** Rows that came again. */
  repeated = 0;
  readonly #layout: ModelLayout;
  readonly #limits: JoinLimits;
  /** Number of the next event. */
  #next = 0;
  #queue: Entry[] = [];
  /** Entries of the queue that left already: so that leaving costs nothing. */
  #left = 0;
  #waitingCount = 0;
  /** By source partition, by offset. */
  readonly #waiting: Map<number, Waiting>[] = [];
  readonly #seconds: Map<number, VectorRow>[] = [];
  #secondsCount = 0;
  #tickMs = Number.NEGATIVE_INFINITY;
  /** The largest `n` of an outcome taken. */
  #outcomeMark = -1;
  /** By source partition: the largest offset among first halves. */
  readonly #seen: number[] = [];
  /** By side, by the feature task's partition: the largest `n` taken. */
  readonly #marks: Record<Side, number[]> = { first: [], second: [] };
  /** By the second view's partition: when it last sent something, ms. */
  readonly #heardMs: number[] = [];

  constructor(layout: ModelLayout, limits: JoinLimits) {
    this.#layout = layout;
    this.#limits = limits;
  }

  /** Whether an event was ever joined; before the first no score can exist. */
  get started(): boolean {
    return this.#next > 0;
  }

  /** Events that wait for their second half, and second halves that wait for their event. */
  get pending(): { readonly firsts: number; readonly seconds: number } {
    return { firsts: this.#waitingCount, seconds: this.#secondsCount };
  }

  take(frame: HalfFrame, nowMs: number): void {
    const marks = this.#marks[frame.side];
    const mark = marks[frame.from] ?? -1;
    if (frame.side === 'second') this.#heardMs[frame.from] = nowMs;
    const at = { tick: 0, outcome: 0 };
    for (let row = 0; row < frame.count; row++) {
      this.#marksBefore(frame, at, row);
      if (frame.n[row]! <= mark) this.repeated++;
      else if (frame.side === 'first') this.#first(frame, row, nowMs);
      else this.#second(frame, row);
    }
    this.#marksBefore(frame, at, frame.count);
    if (frame.count > 0) marks[frame.from] = Math.max(mark, frame.n[frame.count - 1]!);
  }

  /**
   * What need not wait any longer.
   * @param patient whether more of the log is there to be read: then no time is up
   */
  release(nowMs: number, patient: boolean): Released[] {
    const released: Released[] = [];
    while (this.#left < this.#queue.length) {
      const entry = this.#queue[this.#left]!;
      if (entry.kind !== 'event') released.push(entry);
      else {
        const over = this.#queue.length - this.#left > this.#limits.pendingMax;
        const up = !patient && nowMs >= this.#deadlineMs(entry);
        if (entry.second === null && !over && !up) break;
        if (entry.second === null) this.#giveUp(entry);
        released.push({
          kind: 'event',
          event: { ...entry.event, second: entry.second },
          item: entry.item,
        });
      }
      this.#left++;
    }
    if (this.#left > 1_024 || this.#left === this.#queue.length) {
      this.#queue = this.#queue.slice(this.#left);
      this.#left = 0;
    }
    return released;
  }

  /** Ticks and outcomes before a row, in the order in which the feature task met them. */
  #marksBefore(frame: HalfFrame, at: { tick: number; outcome: number }, row: number): void {
    const { ticks, outcomes } = frame;
    for (;;) {
      const outcome = outcomes[at.outcome];
      const tick = ticks[at.tick];
      if (outcome !== undefined && outcome.row <= row && outcome.ticks <= at.tick) {
        at.outcome++;
        this.#outcome(outcome);
      } else if (tick !== undefined && tick.row <= row) {
        at.tick++;
        this.#tick(tick.watermarkMs);
      } else return;
    }
  }

  #tick(watermarkMs: number): void {
    if (watermarkMs <= this.#tickMs) return; // it came again
    this.#tickMs = watermarkMs;
    // Of two in a row the later one says it all.
    if (this.#queue.length > this.#left && this.#queue.at(-1)!.kind === 'tick') this.#queue.pop();
    this.#queue.push({ kind: 'tick', watermarkMs });
  }

  #outcome({ n, key, item, timeMs }: HalfOutcome): void {
    if (n <= this.#outcomeMark) return; // it came again
    this.#outcomeMark = n;
    this.#queue.push({ kind: 'outcome', key, item, timeMs });
  }

  #first(frame: HalfFrame, row: number, nowMs: number): void {
    const sourcePartition = frame.partitions[row]!;
    const offset = frame.offsets[row]!;
    const event = {
      n: this.#next++,
      sourcePartition,
      offset,
      timeMs: frame.timesMs[row]!,
      key: frame.keys[row]!,
      columns: frame.columns[row]!,
      first: halfRow(frame, row, this.#layout.first),
    };
    const peer = frame.peers[row]!;
    const seconds = this.#seconds[sourcePartition];
    const second = seconds?.get(offset) ?? null;
    if (second !== null && seconds?.delete(offset)) this.#secondsCount--;
    const item = frame.items[row] ?? null;
    const waiting: Waiting = { kind: 'event', event, item, second, peer, arrivedMs: nowMs };
    this.#seen[sourcePartition] = offset;
    this.#queue.push(waiting);
    if (second === null) this.#wait(waiting);
  }

  #wait(waiting: Waiting): void {
    const { sourcePartition, offset } = waiting.event;
    this.#waiting[sourcePartition] ??= new Map();
    this.#waiting[sourcePartition].set(offset, waiting);
    this.#waitingCount++;
  }

  #giveUp({ event }: Waiting): void {
    this.#waiting[event.sourcePartition]!.delete(event.offset);
    this.#waitingCount--;
    this.missing++;
  }

  #second(frame: HalfFrame, row: number): void {
    const partition = frame.partitions[row]!;
    const offset = frame.offsets[row]!;
    const second = halfRow(frame, row, this.#layout.second);
    const waiting = this.#waiting[partition]?.get(offset);
    if (waiting !== undefined) {
      waiting.second = second;
      this.#waiting[partition]!.delete(offset);
      this.#waitingCount--;
    } else if (offset <= (this.#seen[partition] ?? -1)) {
      this.unclaimed++; // its event was scored without it
    } else this.#keep(partition, offset, second);
  }

  #keep(partition: number, offset: number, second: VectorRow): void {
    this.#seconds[partition] ??= new Map();
    const seconds = this.#seconds[partition];
    seconds.set(offset, second);
    this.#secondsCount++;
    if (this.#secondsCount <= this.#limits.pendingMax) return;
    const [oldest] = seconds.keys();
    seconds.delete(oldest!);
    this.#secondsCount--;
    this.unclaimed++;
  }

  /** A peer that goes on is waited for; one that is silent is not. */
  #deadlineMs({ arrivedMs, peer }: Waiting): number {
    const { waitMs, waitMsMax } = this.#limits;
    const sinceMs = Math.max(arrivedMs, this.#heardMs[peer] ?? 0);
    return Math.min(sinceMs + waitMs, arrivedMs + waitMsMax);
  }

  /** Plain JSON; NaN, which stands for null, becomes null. */
  dump(): JoinSnapshot {
    const { first, second } = this.#layout;
    const row = ({ numbers, n, others, o }: VectorRow, width: typeof first): PlainRow => [
      [...numbers.subarray(n, n + width.numbers)],
      others.slice(o, o + width.others),
    ];
    const queue = this.#queue.slice(this.#left).map((entry): PlainEntry => {
      if (entry.kind !== 'event') return entry;
      const { event, item, peer } = entry;
      const own = { ...event, first: row(event.first, first) };
      return { event: own, item, second: entry.second && row(entry.second, second), peer };
    });
    const seconds = this.#seconds.map((list): [number, PlainRow][] =>
      [...(list ?? [])].map(([offset, one]) => [offset, row(one, second)]),
    );
    const { missing, unclaimed, repeated } = this;
    const counts = { missing, unclaimed, repeated };
    const [seen, marks] = [this.#seen, this.#marks];
    const tickMs = Number.isFinite(this.#tickMs) ? this.#tickMs : null;
    const outcomeMark = this.#outcomeMark;
    return { next: this.#next, queue, tickMs, outcomeMark, seconds, seen, marks, ...counts };
  }

  /** Into a fresh join; those that wait do so from now on. */
  restore(kept: JoinSnapshot, nowMs: number): void {
    const row = ([numbers, others]: PlainRow): VectorRow => {
      const values = Float64Array.from(numbers, (value) => value ?? Number.NaN);
      return { numbers: values, n: 0, others, o: 0 };
    };
    this.#next = kept.next;
    this.#tickMs = kept.tickMs ?? Number.NEGATIVE_INFINITY;
    this.#outcomeMark = kept.outcomeMark ?? -1;
    for (const entry of kept.queue) {
      if ('kind' in entry) {
        this.#queue.push(entry);
        continue;
      }
      const { peer, item = null } = entry;
      const event = { ...entry.event, first: row(entry.event.first) };
      const second = entry.second && row(entry.second);
      const waiting: Waiting = { kind: 'event', event, item, second, peer, arrivedMs: nowMs };
      this.#queue.push(waiting);
      if (second === null) this.#wait(waiting);
    }
    for (const [partition, list] of kept.seconds.entries()) {
      for (const [offset, one] of list ?? []) this.#keep(partition, offset, row(one));
    }
    for (const [i, offset] of kept.seen.entries()) this.#seen[i] = offset ?? -1;
    for (const side of ['first', 'second'] as const) {
      for (const [i, n] of kept.marks[side].entries()) this.#marks[side][i] = n ?? -1;
    }
    this.missing = kept.missing;
    this.unclaimed = kept.unclaimed;
    this.repeated = kept.repeated;
  }
}

/** Numbers and other values of one half. */
type PlainRow = readonly [readonly (number | null)[], readonly unknown[]];

type PlainEntry =
  | Exclude<Released, { kind: 'event' }>
  | {
      readonly event: Omit<ScoringCandidate, 'first' | 'second'> & { readonly first: PlainRow };
      readonly item?: Key | null;
      readonly second: PlainRow | null;
      readonly peer: number;
    };

export interface JoinSnapshot {
  readonly next: number;
  readonly queue: readonly PlainEntry[];
  readonly tickMs: number | null;
  readonly outcomeMark?: number;
  readonly seconds: readonly (readonly (readonly [number, PlainRow])[] | null)[];
  readonly seen: readonly (number | null)[];
  readonly marks: Readonly<Record<Side, readonly (number | null)[]>>;
  readonly missing: number;
  readonly unclaimed: number;
  readonly repeated: number;
}
