/**
 * Sample autocorrelation `sum (x_i - m)(x_{i+lag} - m) / sum (x_i - m)^2` (Box and Jenkins); null
 * where nothing varies or there are not more values than the lag.
 */
export function autocorrelation(values: ArrayLike<number>, lag = 1): number | null {
  const n = values.length;
  if (n <= lag) return null;
  // Relative to the first value, which a large common part cancels from exactly or nearly so.
  const origin = values[0]!;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i]! - origin;
  const mean = sum / n;
  let squares = 0;
  let products = 0;
  for (let i = 0; i < n; i++) {
    const deviation = values[i]! - origin - mean;
    squares += deviation * deviation;
    if (i >= lag) products += deviation * (values[i - lag]! - origin - mean);
  }
  return squares > 0 ? products / squares : null;
}
