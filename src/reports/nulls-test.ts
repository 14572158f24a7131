import { chiSquareIsf } from '../stats/chi-square.js';
import { chiSquareHomogeneity, type Lambda } from '../stats/chi-square-homogeneity.js';
import { type Figures, judged, type Sizes } from './comparison.js';
import { verdictOf } from './verdict.js';

/**
 * Whether the share of cells without a value that can be tested (null, not finite, of another kind)
 * has changed: chi-square of two by two, Fisher's exact test where counts are small. The effect is
 * the difference of the shares. No result where no such cell is on either side. Where rows hang
 * together the test is that of so many fewer.
 *
 * @param usable cells that hold a value
 * @param inflation rows that tell as much as one independent row
 */
export function nullsTest(
  usable: Sizes,
  missing: { readonly reference: number; readonly current: number },
  level: number,
  lambda: Lambda = 'pearson',
  inflation = 1,
): readonly Figures[] {
  if (missing.reference + missing.current === 0) return [];
  const n = usable.nReference + missing.reference;
  const m = usable.nCurrent + missing.current;
  if (n === 0 || m === 0) return [];
  const found = chiSquareHomogeneity(
    [usable.nReference / inflation, missing.reference / inflation],
    [usable.nCurrent / inflation, missing.current / inflation],
    lambda,
  );
  const effect = Math.abs(missing.reference / n - missing.current / m);
  const sizes = { nReference: n, nCurrent: m };
  return [
    judged('nulls', sizes, {
      statistic: found.statistic,
      pValue: found.pValue,
      method: found.method,
      effect,
      critical: found.df === 0 ? null : chiSquareIsf(level, 1),
      verdict: verdictOf('nulls', found.pValue < level, effect, inflation),
    }),
  ];
}

/** That no cell is missing, where nothing else was asked for. */
export function noNulls(sizes: Sizes): Figures {
  const same = { statistic: 0, pValue: 1, method: 'no cell is missing', effect: 0, critical: null };
  return judged('nulls', sizes, { ...same, verdict: 'ok' });
}
