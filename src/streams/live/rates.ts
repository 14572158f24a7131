import { quantile } from 'simple-statistics';

const spanMs = 60_000;
const samplesKept = 4_096;

/** A bounded sample of latencies over about the last minute. */
export class Latencies {
  readonly #values = new Float64Array(samplesKept);
  readonly #atMs = new Float64Array(samplesKept);
  #count = 0;

  add(latencyMs: number, nowMs: number): void {
    const slot = this.#count++ % samplesKept;
    this.#values[slot] = latencyMs;
    this.#atMs[slot] = nowMs;
  }

  /** The share `q` of the latest ones is at or below it, ms; null where there are none. */
  quantile(q: number, nowMs: number): number | null {
    const kept = Math.min(this.#count, samplesKept);
    const recent: number[] = [];
    for (let i = 0; i < kept; i++)
      if (nowMs - this.#atMs[i]! <= spanMs) recent.push(this.#values[i]!);
    if (recent.length === 0) return null;
    return quantile(recent, q);
  }
}

/** Counts per second over about the last two seconds. */
export class Rate {
  readonly #buckets = new Float64Array(3);
  #second = 0;

  add(count: number, nowMs: number): void {
    this.#move(nowMs);
    this.#buckets[this.#second % 3]! += count;
  }

  perSecond(nowMs: number): number {
    this.#move(nowMs);
    const fraction = (nowMs % 1_000) / 1_000;
    const before = this.#buckets[(this.#second + 2) % 3]!;
    return (before + this.#buckets[this.#second % 3]!) / (1 + fraction);
  }

  #move(nowMs: number): void {
    const second = Math.floor(nowMs / 1_000);
    const passed = Math.min(3, second - this.#second);
    for (let i = 1; i <= passed; i++) this.#buckets[(this.#second + i) % 3] = 0;
    if (passed > 0) this.#second = second;
  }
}
