import { binomialCdf } from './binomial-cdf.js';
import { chiSquareSf } from './chi-square.js';

export interface McNemar {
  /** min(b, c) for `exact`, the chi-square for `corrected`. */
  readonly statistic: number;
  readonly pValue: number;
  readonly method: 'exact' | 'corrected';
}

/**
 * McNemar's test of two models on the same events, from the counts of those that only one (b) or
 * only the other (c) got right: exact, `2 BinomCDF(min(b, c); b + c, 1/2)`, below 25 of them, else
 * `(|b - c| - 1)^2 / (b + c)` with one degree of freedom (Edwards, 1948).
 */
export function mcnemar(b: number, c: number): McNemar {
  const discordant = b + c;
  if (discordant < 25) {
    const statistic = Math.min(b, c);
    const pValue = Math.min(1, 2 * binomialCdf(statistic, discordant, 0.5));
    return { statistic, pValue, method: 'exact' };
  }
  const statistic = (Math.abs(b - c) - 1) ** 2 / discordant;
  return { statistic, pValue: chiSquareSf(statistic, 1), method: 'corrected' };
}
