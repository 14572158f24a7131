/**
 * Catalogue coverage: share of the items that can be recommended that were, at least once (Ge,
 * Delgado-Battenfeld and Jannach, 2010). `counts` has one number for each item of the catalogue;
 * null for an empty one.
 */
export function catalogCoverage(counts: ArrayLike<number>): number | null {
  let shown = 0;
  for (let i = 0; i < counts.length; i++) if (counts[i]! > 0) shown++;
  return counts.length === 0 ? null : shown / counts.length;
}
