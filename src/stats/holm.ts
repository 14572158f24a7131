/**
 * Holm's adjusted p-values, in the order given: rejecting where they are at most alpha keeps the
 * chance of any false rejection at alpha, whatever the dependence (Holm, 1979). NaN counts as 1.
 */
export function holm(pValues: ArrayLike<number>): Float64Array {
  const p = Float64Array.from(pValues, (value) => (Number.isNaN(value) ? 1 : value));
  const order = Array.from(p.keys()).sort((a, b) => p[a]! - p[b]!);
  const adjusted = new Float64Array(p.length);
  let largest = 0;
  order.forEach((index, rank) => {
    largest = Math.max(largest, Math.min(1, p[index]! * (p.length - rank)));
    adjusted[index] = largest;
  });
  return adjusted;
}
