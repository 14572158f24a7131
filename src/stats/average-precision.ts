/**
 * Average precision of the first k of a ranking: the sum of the precisions at the ranks of the
 * relevant items (above 0) over `min(k, R)`, R being all that are relevant, shown or not. null
 * where nothing is. Its mean over rankings is MAP@k.
 */
export function averagePrecision(
  relevances: ArrayLike<number>,
  k: number,
  relevantCount = countRelevant(relevances),
): number | null {
  if (relevantCount === 0 || k < 1) return null;
  let hits = 0;
  let sum = 0;
  for (let i = 0; i < Math.min(k, relevances.length); i++) {
    if (relevances[i]! > 0) sum += ++hits / (i + 1);
  }
  return sum / Math.min(k, relevantCount);
}

function countRelevant(relevances: ArrayLike<number>): number {
  let count = 0;
  for (let i = 0; i < relevances.length; i++) if (relevances[i]! > 0) count++;
  return count;
}
