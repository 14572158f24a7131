/** Windows of the reference that it takes to know how far they come to lie from the whole. */
const windowsMin = 3;
const steps = 8;

/**
 * The largest Kolmogorov-Smirnov distance at the edges between a window of the reference and the
 * whole of it: how far seasons and slow swings alone carry a window. Windows start at every eighth
 * of their length; null where the reference holds fewer than three one after the other.
 *
 * @param bins the column in the order of its rows, as bins that ascend with its values
 */
export function widestOwnDistance(
  bins: ArrayLike<number>,
  binCount: number,
  nWindow: number,
): number | null {
  if (bins.length < windowsMin * nWindow) return null;
  const all = new Float64Array(binCount);
  for (let i = 0; i < bins.length; i++) all[bins[i]!]!++;
  const counts = new Float64Array(binCount);
  const stride = Math.max(1, Math.floor(nWindow / steps));
  let widest = 0;
  let from = 0;
  for (let to = 0; to < bins.length; to++) {
    counts[bins[to]!]!++;
    if (to + 1 - from < nWindow) continue;
    widest = Math.max(widest, distance(all, bins.length, counts, nWindow));
    for (const end = from + stride; from < end; from++) counts[bins[from]!]!--;
  }
  return widest;
}

function distance(first: Float64Array, n: number, second: Float64Array, m: number): number {
  let apart = 0;
  let widest = 0;
  for (let i = 0; i < first.length; i++) {
    apart += first[i]! / n - second[i]! / m;
    widest = Math.max(widest, Math.abs(apart));
  }
  return widest;
}
