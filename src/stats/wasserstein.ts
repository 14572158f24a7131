/**
 * First Wasserstein distance of two samples, in their unit: the area between their distribution
 * functions. Values that are not finite are left out; null where a side has none.
 */
export function wasserstein(first: ArrayLike<number>, second: ArrayLike<number>): number | null {
  const a = sortedFinite(first);
  const b = sortedFinite(second);
  if (a.length === 0 || b.length === 0) return null;
  let i = 0;
  let j = 0;
  let at = Math.min(a[0]!, b[0]!);
  let sum = 0;
  let compensation = 0;
  while (i < a.length || j < b.length) {
    const next = Math.min(a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY);
    // Whole numbers until the division: the shares never drift away from 0 and 1.
    const apart = Math.abs(i * b.length - j * a.length) / (a.length * b.length);
    const part = apart * (next - at) - compensation;
    const total = sum + part;
    compensation = total - sum - part;
    sum = total;
    at = next;
    while (a[i] === at) i++;
    while (b[j] === at) j++;
  }
  return sum;
}

function sortedFinite(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values).filter(Number.isFinite).sort();
}
