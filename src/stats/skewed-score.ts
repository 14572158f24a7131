/**
 * The normal score of a standardised sum whose law is skewed: that of the Pearson type III law of
 * the same skewness, by the cube root of Wilson and Hilferty (1931). Counts of a rare value are
 * such sums: their upper tail is far longer than the normal one, their lower tail shorter.
 */
export function skewedScore(z: number, skewness: number): number {
  // Nothing to correct, and the formula would cancel.
  if (Math.abs(skewness) < 1e-3) return z;
  return (6 / skewness) * (Math.cbrt(1 + (skewness * z) / 2) - 1) + skewness / 6;
}

/** The sum that has this score: the inverse of `skewedScore`. */
export function skewedSum(score: number, skewness: number): number {
  if (Math.abs(skewness) < 1e-3) return score;
  return (2 / skewness) * ((1 + (skewness * (score - skewness / 6)) / 6) ** 3 - 1);
}
