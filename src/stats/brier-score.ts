/**
 * Mean squared error of predicted probabilities; labels are positive where above 0. null for no
 * rows.
 */
export function brierScore(labels: ArrayLike<number>, probabilities: ArrayLike<number>) {
  const count = labels.length;
  if (count === 0) return null;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += (probabilities[i]! - (labels[i]! > 0 ? 1 : 0)) ** 2;
  return sum / count;
}
