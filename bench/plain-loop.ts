import { closeSync, openSync, readSync } from 'node:fs';
import { j1Term } from './j1-checksum.js';

const minuteMs = 60_000;
const lengths = [60 * minuteMs, 1_440 * minuteMs, 10_080 * minuteMs, 43_200 * minuteMs] as const;
const paneLengths = [minuteMs, 15 * minuteMs, 120 * minuteMs, 720 * minuteMs] as const;
const keyLimit = 1 << 17;
const slotLimit = 4 * keyLimit;
const readBytes = 1 << 22;

/** What one wrote by hand for J1 and nothing else: the yardstick of one thread. */
class PlainJ1 {
  readonly values = new Float64Array(24);
  #paneLimit = 1 << 20;
  #pane = new Int32Array(this.#paneLimit);
  #next = new Int32Array(this.#paneLimit);
  #count = new Int32Array(this.#paneLimit);
  #clicks = new Int32Array(this.#paneLimit);
  #views = new Int32Array(this.#paneLimit);
  #ratings = new Int32Array(this.#paneLimit);
  #rated = new Float64Array(this.#paneLimit);
  #best = new Float64Array(this.#paneLimit);
  #top = 0;
  #free = -1;
  readonly #keys = new Map<number, number>();
  readonly #lastMs = new Float64Array(keyLimit);
  readonly #first = new Int32Array(slotLimit).fill(-1);
  readonly #last = new Int32Array(slotLimit).fill(-1);
  readonly #counts = new Int32Array(slotLimit);
  readonly #clicked = new Int32Array(slotLimit);
  readonly #viewed = new Int32Array(slotLimit);
  readonly #raters = new Int32Array(slotLimit);
  readonly #sums = new Float64Array(slotLimit);
  readonly #bests = new Float64Array(slotLimit);

  get keys(): number {
    return this.#keys.size;
  }

  /** State in use, bytes; keys as 60 each. */
  get bytes(): number {
    return this.#top * 40 + this.#keys.size * (8 + 4 * 40 + 60);
  }

  event(user: number, timeMs: number, type: string, rating: number): void {
    let key = this.#keys.get(user);
    if (key === undefined) {
      key = this.#keys.size;
      this.#keys.set(user, key);
    }
    if (timeMs > this.#lastMs[key]!) this.#lastMs[key] = timeMs;
    const nowMs = this.#lastMs[key]!;
    for (let w = 0; w < 4; w++) {
      const slot = key * 4 + w;
      const length = paneLengths[w]!;
      const oldest = Math.floor((nowMs - lengths[w]!) / length);
      const pane = Math.floor(timeMs / length);
      const first = this.#first[slot]!;
      if (first >= 0 && this.#pane[first]! < oldest) this.#evict(slot, oldest);
      if (pane >= oldest) this.#add(slot, this.#place(slot, pane), type, rating);
      this.#emit(slot, w * 6);
    }
  }

  #evict(slot: number, oldest: number): void {
    let at = this.#first[slot]!;
    let again = false;
    while (at >= 0 && this.#pane[at]! < oldest) {
      this.#counts[slot]! -= this.#count[at]!;
      this.#clicked[slot]! -= this.#clicks[at]!;
      this.#viewed[slot]! -= this.#views[at]!;
      this.#raters[slot]! -= this.#ratings[at]!;
      this.#sums[slot]! -= this.#rated[at]!;
      if (this.#best[at]! >= this.#bests[slot]!) again = true;
      const next = this.#next[at]!;
      this.#next[at] = this.#free;
      this.#free = at;
      at = next;
    }
    this.#first[slot] = at;
    if (at < 0) this.#last[slot] = -1;
    if (!again) return;
    let best = 0;
    for (; at >= 0; at = this.#next[at]!) if (this.#best[at]! > best) best = this.#best[at]!;
    this.#bests[slot] = best;
  }

  /** The pane's record in the slot's list, oldest first. */
  #place(slot: number, pane: number): number {
    const last = this.#last[slot]!;
    if (last < 0) {
      const made = this.#make(pane);
      this.#first[slot] = made;
      this.#last[slot] = made;
      return made;
    }
    if (this.#pane[last] === pane) return last;
    if (this.#pane[last]! < pane) {
      const made = this.#make(pane);
      this.#next[last] = made;
      this.#last[slot] = made;
      return made;
    }
    let before = -1;
    let at = this.#first[slot]!;
    while (this.#pane[at]! < pane) {
      before = at;
      at = this.#next[at]!;
    }
    if (this.#pane[at] === pane) return at;
    const made = this.#make(pane);
    this.#next[made] = at;
    if (before < 0) this.#first[slot] = made;
    else this.#next[before] = made;
    return made;
  }

  #make(pane: number): number {
    let at = this.#free;
    if (at >= 0) this.#free = this.#next[at]!;
    else {
      if (this.#top === this.#paneLimit) this.#grow();
      at = this.#top++;
    }
    this.#pane[at] = pane;
    this.#next[at] = -1;
    this.#count[at] = 0;
    this.#clicks[at] = 0;
    this.#views[at] = 0;
    this.#ratings[at] = 0;
    this.#rated[at] = 0;
    this.#best[at] = 0;
    return at;
  }

  #add(slot: number, at: number, type: string, rating: number): void {
    this.#count[at]!++;
    this.#counts[slot]!++;
    if (type === 'click') {
      this.#clicks[at]!++;
      this.#clicked[slot]!++;
    } else if (type === 'view') {
      this.#views[at]!++;
      this.#viewed[slot]!++;
    }
    if (rating === 0) return;
    this.#ratings[at]!++;
    this.#raters[slot]!++;
    this.#rated[at]! += rating;
    this.#sums[slot]! += rating;
    if (rating > this.#best[at]!) this.#best[at] = rating;
    if (rating > this.#bests[slot]!) this.#bests[slot] = rating;
  }

  #emit(slot: number, at: number): void {
    const { values } = this;
    const clicks = this.#clicked[slot]!;
    const views = this.#viewed[slot]!;
    const raters = this.#raters[slot]!;
    values[at] = this.#counts[slot]!;
    values[at + 1] = clicks;
    values[at + 2] = views;
    values[at + 3] = views === 0 ? 0 : clicks / views;
    values[at + 4] = raters === 0 ? 0 : this.#sums[slot]! / raters;
    values[at + 5] = this.#bests[slot]!;
  }

  #grow(): void {
    this.#paneLimit *= 2;
    const ints = (from: Int32Array): Int32Array<ArrayBuffer> => {
      const to = new Int32Array(this.#paneLimit);
      to.set(from);
      return to;
    };
    const floats = (from: Float64Array): Float64Array<ArrayBuffer> => {
      const to = new Float64Array(this.#paneLimit);
      to.set(from);
      return to;
    };
    this.#pane = ints(this.#pane);
    this.#next = ints(this.#next);
    this.#count = ints(this.#count);
    this.#clicks = ints(this.#clicks);
    this.#views = ints(this.#views);
    this.#ratings = ints(this.#ratings);
    this.#rated = floats(this.#rated);
    this.#best = floats(this.#best);
  }
}

/** Calls `take` with each line of an ASCII file. */
export function forEachLine(path: string, take: (line: string) => void): void {
  const file = openSync(path, 'r');
  const buffer = Buffer.allocUnsafe(readBytes);
  let rest = '';
  for (let bytes = readSync(file, buffer); bytes > 0; bytes = readSync(file, buffer)) {
    const text = rest + buffer.toString('latin1', 0, bytes);
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      take(text.slice(start, end));
      start = end + 1;
    }
    rest = text.slice(start);
  }
  closeSync(file);
}

interface Parsed {
  readonly user_id: number;
  readonly timestamp: string;
  readonly event_type: string;
  readonly rating?: number;
}

/** Milliseconds of `YYYY-MM-DDTHH:MM:SSZ`, days cached by their text. */
function createClock(): (text: string) => number {
  const days = new Map<string, number>();
  const two = (text: string, at: number): number =>
    (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48;
  return (text) => {
    const name = text.slice(0, 10);
    let day = days.get(name);
    if (day === undefined) {
      day = Date.parse(`${name}T00:00:00Z`);
      days.set(name, day);
    }
    return day + two(text, 11) * 3_600_000 + two(text, 14) * 60_000 + two(text, 17) * 1_000;
  };
}

export interface PlainResult {
  readonly events: number;
  readonly checksum: number;
  readonly keys: number;
  readonly bytes: number;
}

/** J1 over a file without an engine: no validation, no log, no other job. */
export function plainLoop(path: string): PlainResult {
  const state = new PlainJ1();
  const clock = createClock();
  let checksum = 0;
  let events = 0;
  forEachLine(path, (line) => {
    const event = JSON.parse(line) as Parsed;
    state.event(event.user_id, clock(event.timestamp), event.event_type, event.rating ?? 0);
    checksum = (checksum + j1Term(event.user_id, state.values)) % 4_294_967_296;
    events++;
  });
  return { events, checksum, keys: state.keys, bytes: state.bytes };
}
