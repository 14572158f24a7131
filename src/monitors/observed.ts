/** Whether a window lay wholly after the first vector, for all of the period. */
export function isWhollyObserved(
  { windowMs }: { readonly windowMs: number },
  periodStartMs: number,
  observedFromMs: number,
): boolean {
  return periodStartMs - windowMs >= observedFromMs;
}
