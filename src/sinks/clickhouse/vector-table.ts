import type { ViewShape } from '../../features/shape.js';
import { featureColumnTypes, originColumns, type TableShape, vectorColumns } from './columns.js';
import { plainName, tableSuffix } from './quote.js';
import { refuseReserved } from './refuse-reserved.js';

/**
 * The table of a view's vectors, as they were before each event. The order serves reading one
 * entity through time and identifies a vector: a replay writes the same rows, which merge.
 */
export function vectorTable(view: ViewShape): TableShape {
  const fixed = [...vectorColumns, ...originColumns];
  const features = view.features.map((feature) => ({
    name: plainName(feature.name, `feature of view ${view.name}`),
    type: featureColumnTypes[feature.type],
    comment: feature.comment,
  }));
  refuseReserved(`view ${view.name}`, 'feature', fixed, features);
  return {
    name: `vectors_${tableSuffix(view.name)}`,
    comment: `Vectors of view ${view.name} before each event, one row per event; read with FINAL`,
    columns: [...fixed, ...features],
    engine: 'ReplacingMergeTree',
    partitionBy: 'toYYYYMM(as_of)', // from the data alone, so that a replay meets its own rows
    orderBy: ['key', 'as_of', 'epoch', 'position'],
  };
}
