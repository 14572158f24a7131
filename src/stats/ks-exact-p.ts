import { greatestDivisor } from './greatest-divisor.js';

/**
 * P(D >= steps / (n m)) for the two-sample two-sided statistic of n and m untied observations: the
 * share of lattice paths from (0, 0) to (n, m) that leave the band `|x/n - y/m| < D`. `steps` is
 * D times n m, whole. Summed as the probability outside, all terms positive (Hodges, 1958;
 * Viehmann, arXiv 2102.08037), so small p-values keep their digits: relative error below 1e-11 at
 * 10,000. With ties the p-value is conservative, as scipy's is. Time grows as the band's area.
 */
export function ksExactP(steps: number, n: number, m: number): number {
  if (steps <= 0 || n === 0 || m === 0) return 1;
  if (steps > n * m) return 0;
  return n === m ? equalSizes(n, Math.round(steps / n)) : outsideShare(steps, n, m);
}

/** The reflection principle: `2 sum_k (-1)^(k-1) C(2n, n - kh) / C(2n, n)`, nested. */
function equalSizes(n: number, h: number): number {
  let p = 0;
  for (let k = Math.floor(n / h) - 1; k >= 0; k--) {
    let ratio = 1;
    for (let j = 0; j < h; j++) ratio *= (n - k * h - j) / (n + k * h + j + 1);
    p = ratio * (1 - p);
  }
  return Math.min(1, 2 * p);
}

/**
 * `outside[y]` at column x is the share of the paths to (x, y) that have left the band: the last
 * step was along x in x of x + y cases.
 */
function outsideShare(steps: number, n: number, m: number): number {
  const long = Math.max(n, m);
  const short = Math.min(n, m);
  const divisor = greatestDivisor(long, short);
  const perLong = short / divisor;
  const perShort = long / divisor;
  const band = Math.round(steps / divisor);
  const outside = new Float64Array(short + 1).fill(1);
  for (let y = 0; y <= short && y * perShort < band; y++) outside[y] = 0;
  for (let x = 1; x <= long; x++) {
    const low = Math.max(Math.floor((perLong * x - band) / perShort) + 1, 0);
    const high = Math.min(Math.ceil((perLong * x + band) / perShort) - 1, short);
    if (high < low) return 1;
    let share = low === 0 ? 0 : 1;
    for (let y = low; y <= high; y++) {
      share = (outside[y]! * x + share * y) / (x + y);
      outside[y] = share;
    }
  }
  return outside[short]!;
}
