import { addValue, createMoments, sampleVariance } from '../stats/moments.js';
import { studentTIsf, studentTSf } from '../stats/student-t.js';
import type { Figure } from './figure.js';

/** Periods of the reference that a figure needs: below them nobody knows how much it varies. */
export const referencePeriodsNeeded = 5;

/** A figure held against the reference's periods. */
export interface FigureTest {
  readonly mean: number;
  /** The figure less the reference's mean, in the rule's scale: larger is worse. */
  readonly effect: number;
  readonly pValue: number;
  readonly degrees: number;
  /** The figure that is significant at a level. */
  readonly criticalAt: (level: number) => number;
}

/**
 * Student's t for one more period: `(x - mean) / (s sqrt(1 + 1/K))` with K - 1 degrees of freedom,
 * the prediction interval of K periods. So what varies from day to day, with the weather or the
 * weekday, is not drift. s is the deviation of the reference's periods, or the sampling error of
 * the figure itself where that is larger. Two-sided where either way is worse.
 */
export function testFigure(figure: Figure, values: readonly number[], value: number): FigureTest {
  const moments = createMoments();
  for (const one of values) addValue(moments, one);
  const { mean, count } = moments;
  const sampling = (figure.error ?? 0) ** 2;
  const spread = Math.sqrt(Math.max(sampleVariance(moments) ?? 0, sampling) * (1 + 1 / count));
  const degrees = count - 1;
  const { worse, scale } = figure.rule;
  const difference = worse === 'down' ? mean - value : value - mean;
  const directed = worse === 'either' ? Math.abs(difference) : difference;
  const tails = worse === 'either' ? 2 : 1;
  const unit = scale === 'relative' ? Math.abs(mean) : 1;
  const sign = worse === 'down' || (worse === 'either' && difference < 0) ? -1 : 1;
  return {
    mean,
    effect: scale === 'root' ? Math.sqrt(Math.max(0, directed)) : unit === 0 ? 0 : directed / unit,
    pValue: pOf(directed, spread, degrees, tails),
    degrees,
    criticalAt: (level) => mean + sign * spread * studentTIsf(level / tails, degrees),
  };
}

function pOf(directed: number, spread: number, degrees: number, tails: number): number {
  if (spread === 0) return directed > 0 ? 0 : 1;
  return Math.min(1, tails * studentTSf(directed / spread, degrees));
}
