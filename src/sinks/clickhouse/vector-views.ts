import type { FeatureShape, ViewShape } from '../../features/shape.js';
import type { TopicDefinition } from '../../features/source.js';
import { eventTable } from './event-table.js';
import { quoteText, tableSuffix } from './quote.js';
import { vectorTable } from './vector-table.js';

/** A view in ClickHouse; its SELECTs hold where their tables are Distributed. */
export interface ReadyView {
  readonly name: string;
  readonly sql: string;
}

export function readyView(name: string, select: string, comment: string): ReadyView {
  const sql = `CREATE OR REPLACE VIEW \`${name}\` AS\n${select}\nCOMMENT ${quoteText(comment)}`;
  return { name, sql };
}

/** One row per key: its vector before its last event. */
export function latestView(view: ViewShape): ReadyView {
  const table = vectorTable(view);
  const names = table.columns.map(({ name }) => name).filter((name) => name !== 'key');
  const columns = names.map((name) => `\`${name}\``).join(', ');
  const picked = names.map((name, i) => `  tupleElement(last, ${i + 1}) AS \`${name}\``);
  // In a tuple, since argMax passes over nulls. It needs no FINAL: a repeated row is the same row.
  const select = `SELECT key,\n${picked.join(',\n')}
FROM (
  SELECT key, argMax(tuple(${columns}), tuple(epoch, position)) AS last
  FROM \`${table.name}\` GROUP BY key
) AS each`; // without a name, 24.8 takes the word COMMENT for one
  const comment = `One row per ${view.key}: its vector of view ${view.name} before its last event`;
  return readyView(`latest_${tableSuffix(view.name)}`, select, comment);
}

/** One row per feature: how many keys have it, and how far their last events lie back. */
export function freshnessView(view: ViewShape): ReadyView {
  const pairs = view.features.map(
    (feature) => `tuple(${quoteText(feature.name)}, ${isKnown(feature)})`,
  );
  const latest = latestView(view).name;
  const select = `SELECT
  tupleElement(known, 1) AS feature,
  count() AS keys,
  countIf(tupleElement(known, 2)) AS known_keys,
  max(as_of) AS newest_as_of,
  quantileExact(0.5)(behind) AS median_behind_seconds,
  quantileExact(0.95)(behind) AS p95_behind_seconds
FROM (
  SELECT
    as_of,
    intDiv(toUnixTimestamp64Milli(max(as_of) OVER ()) - toUnixTimestamp64Milli(as_of), 1000) AS behind,
    arrayJoin([${pairs.join(', ')}]) AS known
  FROM \`${latest}\`
)
GROUP BY feature ORDER BY feature`;
  const comment = `One row per feature of view ${view.name}: keys that know it, and how far the last events of keys lie behind the newest`;
  return readyView(`freshness_${tableSuffix(view.name)}`, select, comment);
}

/** A list is never null in ClickHouse: it is empty where nothing is known. */
function isKnown({ name, type }: FeatureShape): string {
  const isList = type === 'integers' || type === 'counts';
  return `${isList ? 'notEmpty' : 'isNotNull'}(\`${name}\`)`;
}

/** One row per event: the vector before it beside the event's own fields, as `event_…`. */
export function trainingView(view: ViewShape, source: TopicDefinition): ReadyView {
  const fields = Object.keys(source.fields).map((name) => `\`${name}\` AS \`event_${name}\``);
  const select = `SELECT *
FROM (SELECT * FROM \`${vectorTable(view).name}\` FINAL) AS v
INNER JOIN (
  SELECT ifNull(\`${view.key}\`, '') AS key, topic, partition, offset, ${fields.join(', ')}
  FROM \`${eventTable(source).name}\` FINAL
) AS e USING (key, topic, partition, offset)`;
  const comment = `One row per event of ${source.topic}: the vector of view ${view.name} as it was before the event, and the event as event_ columns`;
  return readyView(`training_${tableSuffix(view.name)}`, select, comment);
}
