/**
 * Mean logarithmic loss in nats of predicted probabilities, clipped to [1e-15, 1 - 1e-15]; labels
 * are positive where above 0. null for no rows.
 */
export function logLoss(labels: ArrayLike<number>, probabilities: ArrayLike<number>) {
  const count = labels.length;
  if (count === 0) return null;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const p = Math.min(1 - 1e-15, Math.max(1e-15, probabilities[i]!));
    sum -= labels[i]! > 0 ? Math.log(p) : Math.log1p(-p);
  }
  return sum / count;
}
