/**
 * How long to wait after so many failures: twice as long each time, up to `mostMs`; half of it by
 * chance, so that many who failed together do not come back together.
 * @param attempt failures before, from 0
 * @returns ms, from half the wait to all of it
 */
export function jitteredWaitMs(attempt: number, firstMs: number, mostMs: number): number {
  return Math.min(mostMs, firstMs * 2 ** Math.min(attempt, 30)) * (0.5 + Math.random() / 2);
}
