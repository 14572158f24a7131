/**
 * Area under the ROC curve by ranks, ties counted one half (Mann and Whitney); labels are positive
 * where above 0. null where one class is absent. Scores must not be NaN.
 */
export function auc(labels: ArrayLike<number>, scores: ArrayLike<number>): number | null {
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i);
  order.sort((a, b) => scores[a]! - scores[b]!);
  let positives = 0;
  let negativesBelow = 0;
  // Twice the pairs won, so that a tie, one half, stays whole.
  let doubleWins = 0;
  for (let i = 0; i < order.length; ) {
    const score = scores[order[i]!]!;
    let tiedPositives = 0;
    let tiedNegatives = 0;
    for (; i < order.length && scores[order[i]!] === score; i++) {
      if (labels[order[i]!]! > 0) tiedPositives++;
      else tiedNegatives++;
    }
    // A score that does not equal itself would stand still here.
    if (tiedPositives + tiedNegatives === 0) return null;
    doubleWins += tiedPositives * (2 * negativesBelow + tiedNegatives);
    positives += tiedPositives;
    negativesBelow += tiedNegatives;
  }
  const pairs = positives * negativesBelow;
  return pairs === 0 ? null : doubleWins / (2 * pairs);
}
