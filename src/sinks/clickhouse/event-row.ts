import type { Field } from '../../features/fields.js';
import type { TopicDefinition } from '../../features/source.js';
import type { Batch } from '../../records/batch.js';
import { eventTable } from './event-table.js';
import { type RowWriter, rowWriter } from './row-writer.js';

/** A record of a batch. */
export interface EventSource {
  readonly batch: Batch;
  index: number;
  /** Orders the records of an epoch; within one log where there are several ingests. */
  sequence: number;
  readonly epoch: number;
}

type Value = (source: EventSource) => unknown;

/** Writes a row of `eventTable(topic)` from a used record. */
export function eventRow(topic: TopicDefinition): RowWriter<EventSource> {
  const names = Object.keys(topic.fields);
  const values: Readonly<Record<string, Value>> = {
    topic: () => topic.topic,
    partition: ({ batch, index }) => batch.partitions[index],
    offset: ({ batch, index }) => batch.offsets[index],
    time: ({ batch, index }) => batch.timesMs[index],
    epoch: ({ epoch }) => epoch,
    sequence: ({ sequence }) => sequence,
    cleared: ({ batch, index }) => names.filter((name) => batch.rows[index]![name] === null),
    raw: ({ batch, index }) => batch.raws[index],
    ...Object.fromEntries(
      Object.entries(topic.fields).map(([name, field]) => [name, fieldOf(name, field)]),
    ),
  };
  const { columns } = eventTable(topic); // it refuses fields named as the other columns
  return rowWriter(columns.map(({ name, type }) => ({ name, type, value: values[name]! })));
}

function fieldOf(name: string, field: Field<unknown>): Value {
  const own: Value = ({ batch, index }) => batch.rows[index]![name]; // a used record has a row
  if (field.kind === 'texts') return (source) => own(source) ?? [];
  if (field.kind !== 'key') return own;
  return (source) => {
    const value = own(source);
    return value == null ? value : String(value);
  };
}
