import { fisherExact } from './fisher-exact.js';
import { type Counts, total } from './shares.js';

/** Of the likelihood ratio, below which no category is apart, whatever the level. */
const least = 9;

/**
 * p-value of the category that lies most apart between two counts of the same bins: Fisher's exact
 * test of it against all others, times the categories that could have been it (Bonferroni), at most
 * 1; 1 where none stands out at all. Sees one category among hundreds, which a sum over all of them
 * drowns.
 */
export function categoryApart(reference: Counts, current: Counts): number {
  const n = total(reference);
  const m = total(current);
  let used = 0;
  let most = -1;
  let largest = least;
  for (let i = 0; i < reference.length; i++) {
    const r = reference[i]!;
    const c = current[i]!;
    if (r + c === 0) continue;
    used++;
    const share = (r + c) / (n + m);
    const ratio = 2 * (excess(r, share * n) + excess(c, share * m));
    if (ratio < largest) continue;
    largest = ratio;
    most = i;
  }
  if (most < 0) return 1;
  const [r, c] = [Math.round(reference[most]!), Math.round(current[most]!)];
  return Math.min(1, used * fisherExact(r, c, Math.round(n) - r, Math.round(m) - c));
}

const excess = (observed: number, expected: number): number =>
  observed === 0 ? expected : observed * Math.log(observed / expected) - observed + expected;
