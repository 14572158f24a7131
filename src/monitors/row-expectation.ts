import type { FeatureValue } from '../features/shape.js';
import type { Expectation } from './expectation.js';
import type { MonitoredFeature } from './monitored-feature.js';

/** An expectation that each row meets or not: those that meet it are counted. */
export interface CompiledExpectation {
  readonly expectation: Expectation;
  /** False for null; `endMs` is the end of the row's period. */
  readonly holds: (row: readonly FeatureValue[], endMs: number) => boolean;
}

/** The expectations of single values of one group's rows, as they are declared. */
export function compileExpectations(
  expectations: readonly Expectation[],
  features: readonly MonitoredFeature[],
): readonly CompiledExpectation[] {
  return expectations.flatMap((expectation): CompiledExpectation[] => {
    if (!('feature' in expectation)) return [];
    const row = features.findIndex((feature) => feature.name === expectation.feature);
    const holds = row < 0 ? null : holdsOf(expectation);
    if (holds === null) return [];
    return [
      {
        expectation,
        holds: (values, endMs) => {
          const value = values[row];
          return typeof value === 'number' && holds(value, endMs);
        },
      },
    ];
  });
}

function holdsOf(expectation: Expectation): ((value: number, endMs: number) => boolean) | null {
  switch (expectation.test) {
    case 'between': {
      const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = expectation;
      return (value) => value >= min && value <= max;
    }
    case 'recent': {
      const { withinMs } = expectation;
      return (value, endMs) => endMs - value <= withinMs;
    }
    case 'date-range': {
      const { fromMs, toMs } = expectation;
      return (value) => value >= fromMs && value < toMs;
    }
    default:
      return null;
  }
}
