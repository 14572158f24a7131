import type { FeatureValue } from '../../features/shape.js';
import type { DeadLetter } from '../../records/dead-letter.js';
import type { Score } from '../../records/score.js';
import type { AlertRow } from './alert-row.js';
import type { CheckRow } from './check-row.js';
import type { ColumnSource } from './row-writer.js';

type Fixed<Row> = readonly (readonly [name: string, type: string, value: (row: Row) => unknown])[];

/** Columns of tables of schemas/clickhouse, which also says their types. */
function columns<Row>(list: Fixed<Row>): readonly ColumnSource<Row>[] {
  return list.map(([name, type, value]) => ({ name, type, value }));
}

const lowText = 'LowCardinality(String)';
const time = "DateTime64(3, 'UTC')";
const number = 'Nullable(Float64)';

function numericInputs({ inputs }: Score): Record<string, number | null> {
  const numeric: Record<string, number | null> = {};
  for (const [name, value] of Object.entries(inputs)) {
    if (typeof value === 'number' || value === null) numeric[name] = value;
  }
  return numeric;
}

function asText(value: FeatureValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function textInputs({ inputs }: Score): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(inputs)) {
    if (typeof value !== 'number' && value !== null) texts[name] = asText(value);
  }
  return texts;
}

export const scoreColumns = columns<Score>([
  ['request_id', 'String', (s) => s.requestId],
  ['key', 'String', (s) => String(s.key)],
  ['model', lowText, (s) => s.model],
  ['version', lowText, (s) => s.version],
  ['arm', lowText, (s) => s.arm],
  ['score', number, (s) => s.score],
  ['time', time, (s) => s.timeMs],
  ['epoch', 'UInt64', (s) => s.position.epoch],
  ['position', 'UInt64', (s) => s.position.n],
  ['inputs', 'Map(LowCardinality(String), Nullable(Float64))', numericInputs],
  ['text_inputs', 'Map(LowCardinality(String), String)', textInputs],
]);

const writtenAt = ['written_at', time, () => Date.now()] as const;

export const checkColumns = columns<CheckRow>([
  ['monitor', lowText, (c) => c.monitor],
  ['model', lowText, (c) => c.model],
  ['version', lowText, (c) => c.version],
  ['subject', lowText, (c) => c.subject],
  ['feature', lowText, (c) => c.feature],
  ['segment', lowText, (c) => c.segment],
  ['test', lowText, (c) => c.test],
  ['period_start', time, (c) => c.periodStartMs],
  ['period_end', time, (c) => c.periodEndMs],
  ['reference_id', lowText, (c) => c.referenceId],
  ['reference_hash', lowText, (c) => c.referenceHash],
  ['n_reference', 'UInt64', (c) => c.nReference],
  ['n_current', 'UInt64', (c) => c.nCurrent],
  ['statistic', number, (c) => c.statistic],
  ['corrected', number, (c) => c.corrected],
  ['null_mean', number, (c) => c.nullMean],
  ['critical', number, (c) => c.critical],
  ['p_value', number, (c) => c.pValue],
  ['level', number, (c) => c.level],
  ['effect', number, (c) => c.effect],
  ['threshold', number, (c) => c.threshold],
  ['leave', number, (c) => c.leave],
  ['method', lowText, (c) => c.method],
  ['verdict', lowText, (c) => c.verdict],
  ['detail', 'String', (c) => c.detail],
  writtenAt,
]);

export const alertColumns = columns<AlertRow>([
  ['id', 'String', (a) => a.id],
  ['monitor', lowText, (a) => a.monitor],
  ['model', lowText, (a) => a.model],
  ['version', lowText, (a) => a.version],
  ['episode', 'UInt64', (a) => a.episode],
  ['event', lowText, (a) => a.event],
  ['time', time, (a) => a.timeMs],
  ['opened_at', time, (a) => a.openedAtMs],
  ['features', 'Array(String)', (a) => a.features],
  ['reason', 'String', (a) => a.reason],
  ['evidence', 'String', (a) => JSON.stringify(a.evidence ?? null)],
  writtenAt,
]);

export const deadLetterColumns = columns<Omit<DeadLetter, 'reason'> & { reason: string }>([
  ['topic', lowText, (d) => d.topic],
  ['partition', 'Int32', (d) => d.partition],
  ['offset', 'UInt64', (d) => d.offset],
  ['reason', lowText, (d) => d.reason],
  ['detail', 'String', (d) => d.detail],
  ['raw', 'String', (d) => d.raw],
  writtenAt,
]);
