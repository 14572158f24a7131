export interface CalibrationBin {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** Mean predicted probability and share of positives; 0 in an empty bin. */
  readonly predicted: number;
  readonly observed: number;
}

export interface CalibrationError {
  /** null for no rows. */
  readonly value: number | null;
  readonly bins: readonly CalibrationBin[];
}

/**
 * Expected calibration error: the mean of |predicted - observed| over bins of equal width of the
 * probability, `[i/B, (i+1)/B)` with 1 in the last (B = 10), weighted by their counts (Naeini,
 * Cooper and Hauskrecht, 2015). Labels are positive where above 0.
 */
export function calibrationError(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  binCount = 10,
): CalibrationError {
  const counts = new Float64Array(binCount);
  const predicted = new Float64Array(binCount);
  const observed = new Float64Array(binCount);
  for (let i = 0; i < labels.length; i++) {
    const p = Math.min(1, Math.max(0, probabilities[i]!));
    const bin = Math.min(binCount - 1, Math.floor(p * binCount));
    counts[bin]!++;
    predicted[bin]! += p;
    if (labels[i]! > 0) observed[bin]!++;
  }
  let sum = 0;
  const bins: CalibrationBin[] = [];
  for (let bin = 0; bin < binCount; bin++) {
    const count = counts[bin]!;
    sum += Math.abs(predicted[bin]! - observed[bin]!);
    bins.push({
      low: bin / binCount,
      high: (bin + 1) / binCount,
      count,
      predicted: count === 0 ? 0 : predicted[bin]! / count,
      observed: count === 0 ? 0 : observed[bin]! / count,
    });
  }
  return { value: labels.length === 0 ? null : sum / labels.length, bins };
}
