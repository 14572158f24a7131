import type { Field } from '../../features/fields.js';
import type { TopicDefinition } from '../../features/source.js';
import type { Batch } from '../../records/batch.js';
import { known } from './known.js';
import { rowText, type WriteRow } from './write-row.js';

/** A record of a batch. */
export interface EventSource {
  readonly batch: Batch;
  index: number;
  /** Orders the records of an epoch; within one log where there are several ingests. */
  sequence: number;
  readonly epoch: number;
}

/** Writes a row of `eventTable(topic)` from a used record. */
export function eventRow(topic: TopicDefinition): WriteRow<EventSource> {
  const fields = Object.entries(topic.fields);
  const names = Object.keys(topic.fields);
  return ({ batch, index, sequence, epoch }) => {
    const record = batch.rows[index]!; // a used record has a row
    const row: unknown[] = [
      topic.topic,
      known(batch.partitions[index]!), // parallel to rows, as are the next
      known(batch.offsets[index]!),
      known(batch.timesMs[index]!),
      known(epoch),
      known(sequence),
    ];
    for (const [name, field] of fields) row.push(fieldValue(field, record[name]));
    if (topic.kind === 'table') row.push(names.filter((name) => record[name] === null));
    row.push(batch.raws[index]);
    return rowText(row);
  };
}

function fieldValue(field: Field<unknown>, value: unknown): unknown {
  if (field.kind === 'texts') return value ?? [];
  return field.kind === 'key' && value != null ? String(value) : value;
}
