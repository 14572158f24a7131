const spanMs = 2_000;
const apartMs = 100;

/** How fast a total grows, from what it is whenever someone asks. */
export class Pace {
  #samples: { readonly atMs: number; readonly total: number }[] = [];

  /** Per second over about the last two seconds, or since the first question. */
  perSecond(total: number, nowMs: number): number {
    const last = this.#samples.at(-1);
    if (last === undefined || nowMs - last.atMs >= apartMs)
      this.#samples.push({ atMs: nowMs, total });
    while (this.#samples.length > 1 && nowMs - this.#samples[1]!.atMs >= spanMs)
      this.#samples.shift();
    const [first] = this.#samples;
    const seconds = (nowMs - first!.atMs) / 1e3;
    return seconds <= 0 ? 0 : Math.max(0, total - first!.total) / seconds;
  }
}
