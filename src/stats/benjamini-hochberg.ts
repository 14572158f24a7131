/**
 * Benjamini and Hochberg's adjusted p-values, in the order given: rejecting where they are at most
 * q keeps the expected share of false rejections at q for independent tests (1995). NaN counts as
 * 1.
 */
export function benjaminiHochberg(pValues: ArrayLike<number>): Float64Array {
  const p = Float64Array.from(pValues, (value) => (Number.isNaN(value) ? 1 : value));
  const order = Array.from(p.keys()).sort((a, b) => p[b]! - p[a]!);
  const adjusted = new Float64Array(p.length);
  let smallest = 1;
  order.forEach((index, above) => {
    smallest = Math.min(smallest, (p[index]! * p.length) / (p.length - above));
    adjusted[index] = smallest;
  });
  return adjusted;
}
