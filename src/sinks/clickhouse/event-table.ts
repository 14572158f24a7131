import type { Field } from '../../features/fields.js';
import type { TopicDefinition } from '../../features/source.js';
import { type Column, originColumns, type TableShape } from './columns.js';
import { plainName, tableSuffix } from './quote.js';
import { refuseReserved } from './refuse-reserved.js';

const raw: Column = {
  name: 'raw',
  type: 'String',
  codec: 'CODEC(ZSTD(3))',
  comment: 'The record as it came',
};

/** Tables only: their fields are null both where an update clears them and where it leaves them. */
export const cleared: Column = {
  name: 'cleared',
  type: 'Array(LowCardinality(String))',
  comment: 'Fields that the update clears: sent as null, not just absent',
};

const fieldTypes: Readonly<Record<Field<unknown>['kind'], string>> = {
  key: 'Nullable(String)',
  number: 'Nullable(Float64)',
  text: 'Nullable(String)',
  oneOf: 'LowCardinality(Nullable(String))',
  texts: 'Array(String)',
};

/**
 * The table of a topic's used records. Its order serves reading one key; a record is identified
 * by its source coordinates (topic and key follow from them), so a new epoch replaces the old row.
 */
export function eventTable(topic: TopicDefinition): TableShape {
  const fields = Object.entries(topic.fields).map(([name, field]): Column => {
    const type = name === topic.key ? 'String' : fieldTypes[field.kind];
    plainName(name, `field of topic ${topic.topic}`);
    return { name, type, comment: commentOf(name, field) };
  });
  const last = topic.kind === 'table' ? [cleared, raw] : [raw];
  refuseReserved(`topic ${topic.topic}`, 'field', [...originColumns, ...last], fields);
  return {
    name: `events_${tableSuffix(topic.topic)}`,
    comment: `Used records of topic ${topic.topic} (the others are in dead_letters); read with FINAL`,
    columns: [...originColumns, ...fields, ...last],
    engine: 'ReplacingMergeTree(epoch)',
    partitionBy: 'toYYYYMM(time)',
    orderBy: [...(topic.key === null ? [] : [topic.key]), 'partition', 'offset'],
    shardBy: topic.key ?? 'offset',
  };
}

function commentOf(name: string, field: Field<unknown>): string {
  const absent = field.kind === 'texts' ? 'empty where absent' : 'null where absent';
  const range =
    field.min === undefined && field.max === undefined
      ? ''
      : `, ${field.min ?? '-∞'} to ${field.max ?? '∞'}`;
  const values = field.values === undefined ? '' : `, as a rule one of ${field.values.join(', ')}`;
  return `Field ${field.from ?? name} of the record${range}${values}${field.optional ? `; ${absent}` : ''}`;
}
