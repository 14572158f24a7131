import type { ViewShape } from '../../features/shape.js';
import { featureColumnTypes, originColumns, type TableShape, vectorColumns } from './columns.js';
import { plainName, tableSuffix } from './quote.js';
import { refuseReserved } from './refuse-reserved.js';

/**
 * The table of a view's vectors, as they were before each event. The order serves reading one
 * entity through time and identifies an event: a replay writes the same rows, which merge, and the
 * row of a new epoch replaces that of the former.
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
    engine: 'ReplacingMergeTree(epoch)',
    // By what the event itself has: a replay, and a rebuild in a new epoch, meet their own rows.
    partitionBy: 'toYYYYMM(time)',
    orderBy: ['key', 'time', 'topic', 'partition', 'offset'],
    shardBy: 'key',
  };
}
