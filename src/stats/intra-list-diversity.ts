/**
 * Intra-list diversity: mean dissimilarity of the pairs of a list (Ziegler, McNee, Konstan and
 * Lausen, 2005). null for fewer than two items.
 *
 * @param dissimilarity of the items at two places, usually between 0 and 1 (`cosineDistance`)
 */
export function intraListDiversity(
  size: number,
  dissimilarity: (i: number, j: number) => number,
): number | null {
  if (size < 2) return null;
  let sum = 0;
  for (let i = 1; i < size; i++) for (let j = 0; j < i; j++) sum += dissimilarity(i, j);
  return sum / ((size * (size - 1)) / 2);
}

/** 1 less the cosine of two vectors; 1 where one of them is zero. */
export function cosineDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let product = 0;
  let squaresA = 0;
  let squaresB = 0;
  for (let i = 0; i < a.length; i++) {
    product += a[i]! * b[i]!;
    squaresA += a[i]! * a[i]!;
    squaresB += b[i]! * b[i]!;
  }
  const scale = Math.sqrt(squaresA) * Math.sqrt(squaresB);
  return scale > 0 ? 1 - product / scale : 1;
}
