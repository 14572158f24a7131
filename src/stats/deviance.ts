/**
 * `x log(x / mean) + mean - x` for x >= 0 and mean > 0, without cancellation where they are close.
 * Loader's `bd0` ("Fast and accurate computation of binomial probabilities", 2000).
 */
export function deviance(x: number, mean: number): number {
  if (x === 0) return mean;
  const difference = x - mean;
  if (Math.abs(difference) >= 0.1 * (x + mean)) return x * Math.log(x / mean) - difference;
  const v = difference / (x + mean);
  const square = v * v;
  let sum = difference * v;
  let term = 2 * x * v;
  for (let k = 3; ; k += 2) {
    term *= square;
    const next = sum + term / k;
    if (next === sum) return next;
    sum = next;
  }
}
