import type { Field } from './fields.js';
import type { AsOfJoin, TopicDefinition } from './source.js';

/** A column of an event's row: its own (`join` −1) or one of a joined table (index of the join). */
export interface FoundColumn {
  readonly field: Field<unknown>;
  readonly join: number;
}

/** Finds a column by name. A joined table's key is none: the event has it under its own name. */
export function columnOf(
  source: TopicDefinition,
  joins: readonly AsOfJoin[],
  name: string,
): FoundColumn | undefined {
  if (Object.hasOwn(source.fields, name)) return { field: source.fields[name]!, join: -1 };
  const join = joins.findIndex(
    ({ table }) => Object.hasOwn(table.fields, name) && name !== table.key,
  );
  return join < 0 ? undefined : { field: joins[join]!.table.fields[name]!, join };
}

/** Names of all columns, the event's own first. */
export function columnNames(source: TopicDefinition, joins: readonly AsOfJoin[]): string[] {
  const joined = joins.flatMap(({ table }) =>
    Object.keys(table.fields).filter((name) => name !== table.key),
  );
  return [...Object.keys(source.fields), ...joined];
}
