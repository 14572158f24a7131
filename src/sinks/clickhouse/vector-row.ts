import type { FeatureValue, ViewShape } from '../../features/shape.js';
import type { Vector } from '../../records/vector.js';
import { known } from './known.js';
import { rowText, type WriteRow } from './write-row.js';

/** Writes a row of `vectorTable(view)`; times are milliseconds, the ticks of DateTime64(3). */
export function vectorRow(view: ViewShape): WriteRow<Vector> {
  const isList = view.features.map(({ type }) => type === 'integers' || type === 'counts');
  const width = isList.length;
  return (vector) => {
    const { values, position } = vector;
    const row: (FeatureValue | undefined)[] = [
      String(vector.key),
      known(vector.asOfMs),
      known(position.n),
      view.hash,
      vector.topic,
      known(vector.partition),
      known(vector.offset),
      known(vector.timeMs),
      known(position.epoch),
      known(vector.sequence),
    ];
    // A list cannot be null in ClickHouse.
    for (let i = 0; i < width; i += 1) row.push(isList[i] ? (values[i] ?? []) : values[i]);
    return rowText(row);
  };
}
