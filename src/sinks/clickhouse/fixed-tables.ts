import type { FeatureValue } from '../../features/shape.js';
import type { DeadLetter } from '../../records/dead-letter.js';
import type { Score } from '../../records/score.js';
import type { AlertRow } from './alert-row.js';
import type { CheckRow } from './check-row.js';
import type { CellKind } from './columns.js';

/** A column of a table of schemas/clickhouse and what goes into it. */
export type FixedColumn<Row> = readonly [
  name: string,
  cell: CellKind,
  value: (row: Row) => unknown,
];

type Fixed<Row> = readonly FixedColumn<Row>[];

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

export const scoreColumns: Fixed<Score> = [
  ['request_id', 'text', (s) => s.requestId],
  ['key', 'text', (s) => String(s.key)],
  ['model', 'text', (s) => s.model],
  ['version', 'text', (s) => s.version],
  ['arm', 'text', (s) => s.arm],
  ['score', 'number', (s) => s.score],
  ['time', 'known', (s) => s.timeMs],
  ['epoch', 'known', (s) => s.position.epoch],
  ['position', 'known', (s) => s.position.n],
  ['inputs', 'map', numericInputs],
  ['text_inputs', 'textMap', textInputs],
];

const writtenAt = ['written_at', 'known', () => Date.now()] as const;

export const checkColumns: Fixed<CheckRow> = [
  ['monitor', 'text', (c) => c.monitor],
  ['model', 'text', (c) => c.model],
  ['version', 'text', (c) => c.version],
  ['feature', 'text', (c) => c.feature],
  ['test', 'text', (c) => c.test],
  ['period_start', 'known', (c) => c.periodStartMs],
  ['period_end', 'known', (c) => c.periodEndMs],
  ['reference_id', 'text', (c) => c.referenceId],
  ['reference_hash', 'text', (c) => c.referenceHash],
  ['n_reference', 'known', (c) => c.nReference],
  ['n_current', 'known', (c) => c.nCurrent],
  ['statistic', 'number', (c) => c.statistic],
  ['corrected', 'number', (c) => c.corrected],
  ['null_mean', 'number', (c) => c.nullMean],
  ['critical', 'number', (c) => c.critical],
  ['p_value', 'number', (c) => c.pValue],
  ['effect', 'number', (c) => c.effect],
  ['method', 'text', (c) => c.method],
  ['verdict', 'text', (c) => c.verdict],
  writtenAt,
];

export const alertColumns: Fixed<AlertRow> = [
  ['id', 'text', (a) => a.id],
  ['monitor', 'text', (a) => a.monitor],
  ['model', 'text', (a) => a.model],
  ['version', 'text', (a) => a.version],
  ['episode', 'known', (a) => a.episode],
  ['event', 'text', (a) => a.event],
  ['time', 'known', (a) => a.timeMs],
  ['opened_at', 'known', (a) => a.openedAtMs],
  ['features', 'texts', (a) => a.features],
  ['reason', 'text', (a) => a.reason],
  ['evidence', 'text', (a) => JSON.stringify(a.evidence ?? null)],
  writtenAt,
];

export const deadLetterColumns: Fixed<Omit<DeadLetter, 'reason'> & { reason: string }> = [
  ['topic', 'text', (d) => d.topic],
  ['partition', 'known', (d) => d.partition],
  ['offset', 'known', (d) => d.offset],
  ['reason', 'text', (d) => d.reason],
  ['detail', 'text', (d) => d.detail],
  ['raw', 'text', (d) => d.raw],
  writtenAt,
];
