/**
 * Mean self-information of recommended items, `-log2(count / total)` bits, counts being how often
 * each of them was interacted with before (Zhou and others, 2010). An item nobody touched counts as
 * touched once. null for an empty list or where nothing was ever touched.
 */
export function novelty(counts: ArrayLike<number>, total: number): number | null {
  if (counts.length === 0 || !(total > 0)) return null;
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum -= Math.log2(Math.max(1, counts[i]!) / total);
  return Math.max(0, sum / counts.length);
}
