import type { FeatureValue } from '../../features/shape.js';
import type { DeadLetter } from '../../records/dead-letter.js';
import type { Score } from '../../records/score.js';
import type { AlertRow } from './alert-row.js';
import type { CheckRow } from './check-row.js';
import { known } from './known.js';

/** A column of a table of schemas/clickhouse and what goes into it. */
export type FixedColumn<Row> = readonly [name: string, value: (row: Row) => unknown];

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
  ['request_id', (s) => s.requestId],
  ['key', (s) => String(s.key)],
  ['model', (s) => s.model],
  ['version', (s) => s.version],
  ['arm', (s) => s.arm],
  ['score', (s) => s.score],
  ['time', (s) => known(s.timeMs)],
  ['epoch', (s) => known(s.position.epoch)],
  ['position', (s) => known(s.position.n)],
  ['inputs', numericInputs],
  ['text_inputs', textInputs],
];

const writtenAt = ['written_at', () => Date.now()] as const;

export const checkColumns: Fixed<CheckRow> = [
  ['monitor', (c) => c.monitor],
  ['model', (c) => c.model],
  ['version', (c) => c.version],
  ['feature', (c) => c.feature],
  ['test', (c) => c.test],
  ['period_start', (c) => known(c.periodStartMs)],
  ['period_end', (c) => known(c.periodEndMs)],
  ['reference_id', (c) => c.referenceId],
  ['reference_hash', (c) => c.referenceHash],
  ['n_reference', (c) => known(c.nReference)],
  ['n_current', (c) => known(c.nCurrent)],
  ['statistic', (c) => c.statistic],
  ['corrected', (c) => c.corrected],
  ['null_mean', (c) => c.nullMean],
  ['critical', (c) => c.critical],
  ['p_value', (c) => c.pValue],
  ['effect', (c) => c.effect],
  ['method', (c) => c.method],
  ['verdict', (c) => c.verdict],
  writtenAt,
];

export const alertColumns: Fixed<AlertRow> = [
  ['id', (a) => a.id],
  ['monitor', (a) => a.monitor],
  ['model', (a) => a.model],
  ['version', (a) => a.version],
  ['episode', (a) => known(a.episode)],
  ['event', (a) => a.event],
  ['time', (a) => known(a.timeMs)],
  ['opened_at', (a) => known(a.openedAtMs)],
  ['features', (a) => a.features],
  ['reason', (a) => a.reason],
  ['evidence', (a) => JSON.stringify(a.evidence ?? null)],
  writtenAt,
];

export const deadLetterColumns: Fixed<Omit<DeadLetter, 'reason'> & { reason: string }> = [
  ['topic', (d) => d.topic],
  ['partition', (d) => known(d.partition)],
  ['offset', (d) => known(d.offset)],
  ['reason', (d) => d.reason],
  ['detail', (d) => d.detail],
  ['raw', (d) => d.raw],
  writtenAt,
];
