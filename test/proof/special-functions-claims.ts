import { chiSquareSf } from '../../src/stats/chi-square.js';
import { betaI } from '../../src/stats/incomplete-beta.js';
import { gammaP, gammaQ } from '../../src/stats/incomplete-gamma.js';
import { normalSf } from '../../src/stats/normal.js';
import { studentTSf } from '../../src/stats/student-t.js';
import { readGolden } from '../stats/golden.js';
import { type Claim, errorClaim, relativeError } from './claim.js';

const functions: Readonly<Record<string, readonly [string, (...args: number[]) => number]>> = {
  chiSquareSf: ['chi-square survival function', (x, df) => chiSquareSf(x!, df!)],
  studentTSf: ["Student's t survival function", (t, df) => studentTSf(t!, df!)],
  normalSf: ['normal survival function', (z) => normalSf(z!)],
  betaI: ['regularised incomplete beta', (a, b, x) => betaI(a!, b!, x!)],
  gammaQ: ['regularised upper incomplete gamma', (a, x) => gammaQ(a!, x!)],
  gammaP: ['regularised lower incomplete gamma', (a, x) => gammaP(a!, x!)],
};

/** Survival functions against mpmath over wide grids into their far tails. */
export function specialFunctionsClaims(): Claim[] {
  const golden = readGolden<Record<string, number[][]>>('tails.json');
  return Object.entries(functions).map(([name, [title, compute]]) => {
    const rows = golden[name]!;
    const errors = rows.map((row) => relativeError(compute(...row.slice(0, -1)), row.at(-1)!));
    const least = Math.min(...rows.map((row) => row.at(-1)!));
    const over = `${rows.length} values of mpmath down to ${least.toExponential(0)}`;
    return errorClaim(title, 'relative', 1e-10, errors, over);
  });
}
