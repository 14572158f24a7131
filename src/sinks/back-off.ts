/**
 * How long to wait after so many failures: twice as long each time, up to `mostMs`.
 * @param attempt failures before, from 0
 * @returns ms
 */
export function doubledWaitMs(attempt: number, firstMs: number, mostMs: number): number {
  return Math.min(mostMs, firstMs * 2 ** Math.min(attempt, 30));
}

/** As `doubledWaitMs`, up to half of it less by chance: who failed together comes back apart. */
export function jitteredWaitMs(attempt: number, firstMs: number, mostMs: number): number {
  return doubledWaitMs(attempt, firstMs, mostMs) * (0.5 + Math.random() / 2);
}
