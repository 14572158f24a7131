import type { ViewState } from '../features/view-state.js';

const minuteMs = 60_000;

/**
 * When each key's vector changes though no event comes: a list of keys per minute. A key stands in
 * at most one list that matters, the one of `#due`; entries in others are stale.
 */
export class QuietKeys {
  readonly #view: ViewState;
  /** By minute. */
  readonly #lists = new Map<number, number[]>();
  /** By key: the minute it is due; 0 for none. */
  #due: Float64Array = new Float64Array(256);

  constructor(view: ViewState) {
    this.#view = view;
  }

  /** Takes note that the key's windows changed. */
  touch(key: number): void {
    this.#plan(key, this.#view.changeMs(key));
  }

  /** Keys whose vectors changed by themselves up to `atMs`; each is planned anew. */
  take(atMs: number): number[] {
    const now = Math.floor(atMs / minuteMs);
    const due = [...this.#lists.keys()].filter((minute) => minute <= now).sort((a, b) => a - b);
    const keys: number[] = [];
    for (const minute of due) {
      const list = this.#lists.get(minute)!;
      this.#lists.delete(minute);
      for (const key of list) {
        if (this.#due[key] !== minute) continue;
        this.#due[key] = 0;
        keys.push(key);
      }
    }
    const scratch = new Float64Array(this.#view.numbers);
    const others: unknown[] = [];
    for (const key of keys) this.#plan(key, this.#view.read(key, atMs, scratch, 0, others, 0));
    return keys;
  }

  #plan(key: number, changeMs: number): void {
    if (!Number.isFinite(changeMs)) return;
    if (key >= this.#due.length) {
      const wider = new Float64Array(Math.max(key + 1, this.#due.length * 2));
      wider.set(this.#due);
      this.#due = wider;
    }
    const minute = Math.ceil(changeMs / minuteMs);
    const planned = this.#due[key]!;
    if (planned !== 0 && planned <= minute) return;
    this.#due[key] = minute;
    const list = this.#lists.get(minute);
    if (list === undefined) this.#lists.set(minute, [key]);
    else list.push(key);
  }
}
