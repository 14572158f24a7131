/** Count, mean and sum of squared deviations of the values added; plain data. */
export interface Moments {
  count: number;
  mean: number;
  squares: number;
}

export function createMoments(): Moments {
  return { count: 0, mean: 0, squares: 0 };
}

/** Adds one value (Welford, 1962). */
export function addValue(moments: Moments, x: number): void {
  moments.count++;
  const before = x - moments.mean;
  moments.mean += before / moments.count;
  moments.squares += before * (x - moments.mean);
}

/** Adds all that `other` holds (Chan, Golub and LeVeque, 1979). */
export function mergeMoments(moments: Moments, other: Moments): void {
  if (other.count === 0) return;
  const count = moments.count + other.count;
  const gap = other.mean - moments.mean;
  moments.mean += (gap * other.count) / count;
  moments.squares += other.squares + (gap * gap * moments.count * other.count) / count;
  moments.count = count;
}

/** Sample variance, n - 1; null below two values. */
export function sampleVariance(moments: Moments): number | null {
  return moments.count < 2 ? null : moments.squares / (moments.count - 1);
}
