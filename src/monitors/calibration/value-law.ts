import { type Counts, total, usedBins } from '../../stats/shares.js';
import type { ValueLaw } from './design.js';

/** Share of the rows from which on the least or the greatest value is a point mass. */
export const pointMass = 0.6;

/** The law of a feature by the counts of its reference, in order. */
export function lawOf(reference: Counts): ValueLaw {
  if (usedBins(reference, reference) <= 2) return 'binary';
  const used = Array.from(reference).filter((count) => count > 0);
  const most = Math.max(used[0]!, used.at(-1)!);
  return most >= pointMass * total(reference) ? 'point-mass' : 'any';
}
