import { Regime } from './regime.js';
import type { Episode, Moment } from './report.js';

/** Looks that open an episode: one, at a level that is calibrated for one. */
export const openedBy = { periods: 1, ofPeriods: 1 } as const;
/** Looks that say that it is over, or that another change came, among so many. */
const followedBy = { periods: 2, ofPeriods: 3 } as const;

/** What one look says of every column, by index; kept no longer than the call. */
export interface Look {
  /** Rows read. */
  readonly to: number;
  readonly time: Moment;
  /** Of the window, all columns. */
  readonly counts: Uint32Array;
  /** Drift against the reference. */
  readonly isHigh: (column: number) => boolean;
  /** No trace of drift against the reference. */
  readonly isLow: (column: number) => boolean;
}

/** Tells two states of a column apart. */
export interface Comparer {
  /** Columns that are drift in `counts` against an earlier state, at the calibrated level. */
  changed(before: Uint32Array, counts: Uint32Array): readonly number[];
  /** Whether nothing tells two windows apart even at 5 % over all columns. */
  isAlike(a: Uint32Array, b: Uint32Array): boolean;
}

interface OpenEpisode {
  readonly id: number;
  readonly columns: Set<number>;
  readonly opened: number;
  readonly openedTime: Moment;
  closed: number | null;
  closedTime: Moment;
  ended: Episode['ended'];
}

/** A change while an episode is open: what comes of it is not known yet. */
interface Pending {
  readonly row: number;
  readonly time: Moment;
  readonly columns: Set<number>;
  /** Those of them that drifted against the reference and are part of no open episode. */
  readonly drifted: Set<number>;
  readonly before: Uint32Array;
  readonly regime: Regime;
}

/**
 * Turns looks into episodes. Columns that drift in a look open one, and columns that follow before
 * the stream has settled in its new state join it. It closes as recovered when none of its columns
 * shows a trace of drift, in `followedBy` looks; if one of them drifts again within a window it is
 * the same episode. Once the new state has settled it is what further changes are told from: one
 * that neither leads back to the reference nor fades opens an episode of its own, which takes the
 * place of an open one that it shares columns with.
 */
export class EpisodeTracker {
  readonly #names: readonly string[];
  readonly #windowRows: number;
  readonly #comparer: Comparer;
  readonly #low: Uint8Array;
  readonly #changes: Uint8Array;
  readonly #all: OpenEpisode[] = [];
  #regime: Regime | null = null;
  #pending: Pending | null = null;

  constructor(names: readonly string[], windowRows: number, comparer: Comparer) {
    this.#names = names;
    this.#windowRows = windowRows;
    this.#comparer = comparer;
    this.#low = new Uint8Array(names.length);
    this.#changes = new Uint8Array(names.length);
  }

  get #open(): OpenEpisode[] {
    return this.#all.filter((episode) => episode.closed === null);
  }

  look(look: Look): void {
    const fresh: number[] = [];
    for (let i = 0; i < this.#names.length; i++) {
      shift(this.#low, i, look.isLow(i));
      if (look.isHigh(i)) fresh.push(i);
    }
    const open = this.#open;
    if (open.length === 0) {
      if (fresh.length > 0) this.#begin(look, fresh);
      return;
    }
    this.#closeRecovered(look, open);
    if (this.#open.length === 0) {
      this.#absorb(open.at(-1)!);
      this.#regime = null;
      if (fresh.length > 0) this.#begin(look, fresh);
      return;
    }
    const known = new Set(this.#open.flatMap((episode) => [...episode.columns]));
    this.#follow(
      look,
      fresh.filter((column) => !known.has(column)),
    );
  }

  /** All episodes, after the last look. */
  finish(look: Look): readonly Episode[] {
    const pending = this.#pending;
    if (pending !== null && look.to - pending.row >= this.#windowRows) this.#resolve(look, pending);
    const newest = this.#open.at(-1);
    if (newest !== undefined) this.#absorb(newest);
    return this.#all.map((one) => ({
      episode: one.id,
      columns: [...one.columns].map((column) => this.#names[column]!),
      opened: one.opened,
      closed: one.closed,
      ended: one.ended,
      openedTime: one.openedTime,
      closedTime: one.closedTime,
    }));
  }

  #begin(look: Look, columns: readonly number[]): void {
    const last = this.#all.at(-1);
    const isSame =
      last?.ended === 'recovered' &&
      look.to - last.closed! < this.#windowRows && // set where it has ended
      columns.some((column) => last.columns.has(column));
    if (isSame) {
      Object.assign(last, { closed: null, closedTime: null, ended: null });
      for (const column of columns) last.columns.add(column);
    } else this.#openOne(look.to, look.time, columns);
    this.#regime = new Regime(look.to, this.#windowRows);
    this.#changes.fill(0);
  }

  #openOne(row: number, time: Moment, columns: Iterable<number>): void {
    this.#all.push({
      id: this.#all.length + 1,
      columns: new Set(columns),
      opened: row,
      openedTime: time,
      closed: null,
      closedTime: null,
      ended: null,
    });
  }

  #closeRecovered(look: Look, open: readonly OpenEpisode[]): void {
    for (const episode of open) {
      if ([...episode.columns].every((column) => isHeld(this.#low[column]!))) {
        close(episode, look.to, look.time, 'recovered');
      }
    }
  }

  /** Settles the new state, and watches for the change after it. */
  #follow(look: Look, fresh: readonly number[]): void {
    const regime = this.#regime;
    if (regime === null) return;
    const isAlike = (a: Uint32Array, b: Uint32Array) => this.#comparer.isAlike(a, b);
    const pending = this.#pending;
    if (pending !== null) {
      for (const column of fresh) {
        pending.columns.add(column);
        pending.drifted.add(column);
      }
      pending.regime.take(look.to, look.counts, isAlike);
      if (pending.regime.isSettled) this.#resolve(look, pending);
      return;
    }
    if (!regime.isSettled) {
      const newest = this.#open.at(-1);
      for (const column of fresh) newest?.columns.add(column);
      regime.take(look.to, look.counts, isAlike);
      return;
    }
    const before = regime.counts;
    const changed = new Set(this.#comparer.changed(before, look.counts));
    const held: number[] = [];
    for (let i = 0; i < this.#names.length; i++) {
      shift(this.#changes, i, changed.has(i));
      if (isHeld(this.#changes[i]!)) held.push(i);
    }
    if (held.length === 0 && fresh.length === 0) {
      if (changed.size === 0) regime.take(look.to, look.counts, isAlike);
      return;
    }
    this.#pending = {
      row: look.to,
      time: look.time,
      columns: new Set([...held, ...fresh]),
      drifted: new Set(fresh),
      before,
      regime: new Regime(look.to, this.#windowRows),
    };
  }

  /** A change that was not followed to its end: what drifted in it is part of an episode. */
  #absorb(episode: OpenEpisode): void {
    for (const column of this.#pending?.drifted ?? []) episode.columns.add(column);
    this.#pending = null;
  }

  /** The change has come to an end: a state of its own, or what was before. */
  #resolve(look: Look, pending: Pending): void {
    this.#pending = null;
    this.#changes.fill(0);
    const changed = this.#comparer.changed(pending.before, look.counts);
    const isReturned = changed.every((column) => look.isLow(column));
    const newest = this.#open.at(-1);
    if (changed.length === 0 || isReturned) {
      // Nothing that lasts: what drifted at the edge of significance is part of what is open.
      for (const column of pending.columns) {
        if (pending.drifted.has(column) || !look.isLow(column)) newest?.columns.add(column);
      }
      if (isReturned && changed.length > 0) this.#regime = pending.regime;
      return;
    }
    const columns = changed.filter((column) => !look.isLow(column));
    for (const episode of this.#open) {
      const shared = columns.some((column) => episode.columns.has(column));
      if (!shared) continue;
      for (const column of episode.columns) if (!look.isLow(column)) columns.push(column);
      close(episode, pending.row, pending.time, 'superseded');
    }
    this.#openOne(pending.row, pending.time, [...columns, ...pending.drifted]);
    this.#regime = pending.regime;
  }
}

function close(episode: OpenEpisode, row: number, time: Moment, ended: Episode['ended']): void {
  Object.assign(episode, { closed: row, closedTime: time, ended });
}

function shift(history: Uint8Array, i: number, bit: boolean): void {
  history[i] = ((history[i]! << 1) | Number(bit)) & ((1 << followedBy.ofPeriods) - 1);
}

/** Now, and in `periods` of the last looks. */
function isHeld(bits: number): boolean {
  if ((bits & 1) === 0) return false;
  let count = 0;
  for (let rest = bits; rest > 0; rest >>= 1) count += rest & 1;
  return count >= followedBy.periods;
}
