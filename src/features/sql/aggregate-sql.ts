import { assert } from '../../errors.js';
import type { Window } from '../../windows/window.js';
import type { AggregateFeature } from '../view.js';
import type { Fact } from './facts.js';

/**
 * A feature's value from a vector v and the events f of its key, in SQL, without the engine's panes
 * or running totals.
 * @param fact what the feature takes of each event; null for those that take only its time
 * @param since column of v: the first time of the window, ms; null for no window
 */
export function aggregateSql(
  feature: AggregateFeature,
  fact: Fact | null,
  since: string | null,
): string {
  const before = since === null ? 'f.seq < v.seq' : `f.seq < v.seq AND f.t >= v.${since}`;
  switch (feature.fn) {
    case 'lastTime':
      return `if(countIf(${before}) = 0, NULL, toFloat64(maxIf(f.t, ${before})))`;
    case 'hoursSinceLast':
      return `if(countIf(${before}) = 0, NULL, (any(v.as_of) - maxIf(f.t, ${before})) / 3600000)`;
    case 'own': {
      assert(feature.of?.op === 'column', 'own names a column');
      return `any(v.c_${feature.of.name})`;
    }
    default:
      assert(fact !== null, `${feature.fn} takes a value of each event`);
      return foldSql(feature, fact, `${before} AND f.${fact.when}`);
  }
}

function foldSql(feature: AggregateFeature, { value }: Fact, when: string): string {
  const x = `f.${value}`;
  switch (feature.fn) {
    case 'count':
      return `toFloat64(countIf(${when}))`;
    case 'distinct':
      return `toFloat64(uniqExactIf(${x}, ${when}))`;
    case 'histogram':
      return `arrayMap(n -> toInt64(n), countIfResample(${feature.from}, ${feature.from + feature.size}, 1)(${when}, ${x}))`;
    case 'topCounts':
      // Texts are compared by their bytes in UTF-8, which is by code point.
      return `arraySlice(arraySort(p -> (-p.2, p.1), arrayZip((sumMapIf([${x}], [toInt64(1)], ${when}) AS s_${feature.name}).1, s_${feature.name}.2)), 1, ${feature.size})`;
    case 'sum':
      return finite(`sumKahanIf(${x}, ${when})`);
    case 'mean':
      return atLeast(1, when, `sumKahanIf(${x}, ${when}) / countIf(${when})`);
    case 'min':
    case 'max':
      return atLeast(1, when, `${feature.fn}If(${x}, ${when})`);
    case 'variance':
      return atLeast(2, when, `varSampStableIf(${x}, ${when})`);
    case 'populationVariance':
      return atLeast(1, when, `varPopStableIf(${x}, ${when})`);
    case 'standardDeviation':
      return atLeast(2, when, `stddevSampStableIf(${x}, ${when})`);
    default:
      throw new Error(`no SQL for ${feature.fn}`); // refused by `omissions`
  }
}

function atLeast(count: number, when: string, sql: string): string {
  return `if(countIf(${when}) < ${count}, NULL, ${finite(sql)})`;
}

function finite(sql: string): string {
  return `if(isFinite(${sql}), ${sql}, NULL)`;
}

/** SQL of the first time that a window holds, seen from `as_of`: floor((as_of − W)/P)·P, ms. */
export function sinceSql(window: NonNullable<Window>): string {
  const { lengthMs, paneMs } = window;
  return `as_of - ${lengthMs} - positiveModulo(as_of - ${lengthMs}, ${paneMs})`;
}
