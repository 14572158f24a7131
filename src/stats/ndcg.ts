function discountedGain(relevances: ArrayLike<number>, k: number): number {
  let sum = 0;
  for (let i = 0; i < Math.min(k, relevances.length); i++) {
    sum += (2 ** relevances[i]! - 1) / Math.log2(i + 2);
  }
  return sum;
}

/**
 * Normalised discounted cumulative gain of the first k of a ranking: gain `2^rel - 1`, discount
 * `log2(i + 1)` for rank i from 1, over that of the best order of the same relevances (Burges et
 * al., 2005). null where nothing is relevant.
 */
export function ndcg(relevances: ArrayLike<number>, k: number): number | null {
  const best = Float64Array.from(relevances).sort().reverse();
  const ideal = discountedGain(best, k);
  return ideal > 0 ? discountedGain(relevances, k) / ideal : null;
}
