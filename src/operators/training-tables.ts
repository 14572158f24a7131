import { columnsOf, eventSql } from '../features/sql/event-sql.js';
import type { ModelDefinition } from '../models/definition.js';
import type { TrainingLabel, TrainingTables } from '../monitors/training-rows.js';
import { eventTable } from '../sinks/clickhouse/event-table.js';
import { quoteName, quoteText } from '../sinks/clickhouse/quote.js';

/** Where rows to train a model on lie: its scores, and the events that say what became of them. */
export function trainingTables(model: ModelDefinition, database: string): TrainingTables {
  const place = quoteName(database);
  const inputs = model.inputs.map(({ name }) => name);
  // Versions that were not given an input have no row of it.
  const given = `hasAll(mapKeys(inputs), [${inputs.map(quoteText).join(', ')}])`;
  return {
    scores: `${place}.\`scores\``,
    events: `${place}.${quoteName(eventTable(model.events).name)}`,
    scored: `model = ${quoteText(model.name)} AND arm = 'champion' AND ${given}`,
    key: quoteName(model.first.key),
    item: quoteName(model.second.key),
    inputs: inputs.map((name) => `s.inputs[${quoteText(name)}] AS ${quoteName(`inputs.${name}`)}`),
    label: labelOf(model),
  };
}

function labelOf({ label, events, first }: ModelDefinition): TrainingLabel | null {
  if (label === null) return null;
  const columns = [...new Set(columnsOf(label.where))].map((name) => {
    const column = `r.${quoteName(name)}`;
    const kind = events.fields[name]?.kind;
    const isPlain = kind === 'number' || kind === 'texts';
    return `${isPlain ? column : `CAST(${column}, 'Nullable(String)')`} AS ${quoteName(`c_${name}`)}`;
  });
  return { columns, where: eventSql(first, label.where), horizonMs: label.horizonMs };
}
