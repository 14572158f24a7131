/**
 * The size whose one-sample law stands for a two-sample one, `round(n m / (n + m))`, halves to even
 * as in scipy's `ks_2samp`; 0 where a sample is empty.
 */
export function ksEffectiveSize(n: number, m: number): number {
  if (n === 0 || m === 0) return 0;
  const size = (n * m) / (n + m);
  const low = Math.floor(size);
  const part = size - low;
  if (part === 0.5) return low % 2 === 0 ? low : low + 1;
  return Math.round(size);
}
