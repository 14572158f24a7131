import { chiSquareIsf, chiSquareSf } from '../stats/chi-square.js';
import { chiSquareHomogeneity } from '../stats/chi-square-homogeneity.js';
import { type Figures, judged, type Sizes } from './comparison.js';
import { verdictOf } from './verdict.js';

/**
 * Whether the share of cells without a value that can be tested (null, not finite, of another kind)
 * has changed: chi-square of two by two, Fisher's exact test where counts are small. The effect is
 * the difference of the shares. No result where no such cell is on either side.
 *
 * @param usable cells that hold a value
 * @param inflation rows that tell as much as one independent row
 */
export function nullsTest(
  usable: Sizes,
  missing: { readonly reference: number; readonly current: number },
  level: number,
  inflation = 1,
): readonly Figures[] {
  if (missing.reference + missing.current === 0) return [];
  const n = usable.nReference + missing.reference;
  const m = usable.nCurrent + missing.current;
  if (n === 0 || m === 0) return [];
  const found = chiSquareHomogeneity(
    [usable.nReference, missing.reference],
    [usable.nCurrent, missing.current],
  );
  const effect = Math.abs(missing.reference / n - missing.current / m);
  const exact = found.df === 0 || found.method === 'chi-square+fisher';
  const statistic = found.statistic / inflation;
  const pValue = exact || inflation === 1 ? found.pValue : chiSquareSf(statistic, found.df);
  const sizes = { nReference: n, nCurrent: m };
  return [
    judged('nulls', sizes, {
      statistic: found.statistic,
      pValue,
      method: found.method,
      effect,
      critical: chiSquareIsf(level, 1) * inflation,
      verdict: verdictOf('nulls', pValue < level, effect, inflation),
    }),
  ];
}
