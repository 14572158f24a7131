import { setTimeout as delay } from 'node:timers/promises';
import { WeirError } from '../errors.js';
import { coordinateHash } from '../features/sql/event-rows.js';
import type { Omission } from '../features/sql/omissions.js';
import { recomputation } from '../features/sql/recompute.js';
import type { Feature, ViewDefinition } from '../features/view.js';
import type { Clickhouse } from '../sinks/clickhouse/client.js';
import { eventTable } from '../sinks/clickhouse/event-table.js';
import { vectorTable } from '../sinks/clickhouse/vector-table.js';
import {
  largestHash,
  type Part,
  type PartLimits,
  partsOf,
  type Scope,
  sampleHash,
  vectorsInScope,
} from './verify/parts.js';
import {
  createTally,
  type Difference,
  type FeatureTally,
  type TalliedColumn,
  tallyRows,
  type VectorRow,
} from './verify/tally.js';

export interface VerifyRun {
  readonly clickhouse: Clickhouse;
  readonly views: readonly ViewDefinition[];
  /** Vectors of each view, about; null for all. */
  readonly sample: number | null;
  /**
   * Time given to rows under way: tables of a running engine are not written at the same moment.
   */
  readonly settleMs: number;
  readonly limits: PartLimits;
  readonly progress: (view: string, part: number, parts: number) => void;
}

/** How one view's stored vectors compare with those recomputed from the events. */
export interface ViewVerification {
  readonly view: string;
  readonly vectors: FeatureTally;
  /** Of as_of, time and sequence, then of every public feature that SQL recomputes. */
  readonly features: readonly FeatureTally[];
  readonly omitted: readonly Omission[];
  /** The first, at most two a feature. */
  readonly differences: readonly Difference[];
  readonly isEqual: boolean;
}

/**
 * Recomputes vectors from the events in ClickHouse, with SQL written from the definition, and
 * compares them with the stored ones: those of the newest epoch and of this definition.
 * @throws WeirError input-missing where there is nothing to verify, clickhouse-failed
 */
export async function verify(run: VerifyRun): Promise<readonly ViewVerification[]> {
  const bounds = new Map<string, Bound>();
  for (const { source } of run.views) {
    bounds.set(source.topic, await boundOf(run.clickhouse, eventTable(source).name));
  }
  await delay(run.settleMs);
  const verified: ViewVerification[] = [];
  for (const view of run.views) {
    verified.push(await verifyView(run, view, bounds.get(view.source.topic)!)); // set above
  }
  return verified;
}

interface Bound {
  readonly epoch: number;
  readonly last: number;
}

async function boundOf(clickhouse: Clickhouse, events: string): Promise<Bound> {
  const [bound] = await clickhouse.rows<Bound & { count: number }>(
    `SELECT epoch, max(sequence) AS last FROM \`${events}\` GROUP BY epoch ORDER BY epoch DESC LIMIT 1`,
  );
  if (bound !== undefined) return bound;
  throw new WeirError(
    'input-missing',
    `expected events in table ${events} of database ${clickhouse.database} at ${clickhouse.url}, found none; let the engine write there first, or check the database's name`,
  );
}

const fixedColumns: readonly TalliedColumn[] = [
  { feature: '(as_of)', column: 'as_of', type: 'time' },
  { feature: '(time)', column: 't', type: 'time' },
  { feature: '(sequence)', column: 'seq', type: 'integer' },
];

function columnOf(feature: Feature, i: number): TalliedColumn {
  const { name, type } = feature;
  const compared = feature.kind === 'aggregate' ? { type, fn: feature.fn } : { type };
  return { feature: name, column: `f${i}`, ...compared };
}

async function verifyView(
  run: VerifyRun,
  view: ViewDefinition,
  bound: Bound,
): Promise<ViewVerification> {
  const { clickhouse, sample } = run;
  const { sql, features, omitted } = recomputation(view, (topic) => eventTable(topic).name);
  const tables = {
    events: eventTable(view.source).name,
    vectors: vectorTable(view.shape).name,
    key: view.key,
  };
  const wanted = { ...bound, definition: view.shape.hash };
  const hash = sample === null ? largestHash : await sampleHash(clickhouse, tables, wanted, sample);
  const scope: Scope = { ...wanted, hash };
  const parts = await partsOf(clickhouse, tables, scope, run.limits);
  const tally = createTally([...fixedColumns, ...features.map(columnOf)]);
  const storedSql = storedVectorsSql(tables.vectors, features);
  for (const [i, part] of parts.entries()) {
    run.progress(view.name, i, parts.length);
    const rows = (text: string): Promise<VectorRow[]> =>
      clickhouse.rows<VectorRow>(text, { ...scope, ...part } satisfies Scope & Part);
    tallyRows(tally, await rows(storedSql), await rows(sql));
  }
  const isPublic = (name: string): boolean => view.shape.features.some((one) => one.name === name);
  return {
    view: view.name,
    vectors: { feature: '(vectors)', ...tally.vectors, smape: null },
    features: tally.features,
    omitted: omitted.filter(({ feature }) => isPublic(feature)),
    differences: tally.differences,
    isEqual: tally.vectors.mismatch + tally.vectors.missing + tally.vectors.extra === 0,
  };
}

/** The stored vectors of a part, in the columns that the recomputation gives. */
function storedVectorsSql(table: string, features: readonly Feature[]): string {
  const columns = {
    key: 'r.key',
    seq: 'r.sequence',
    t: 'toUnixTimestamp64Milli(r.time)',
    as_of: 'toUnixTimestamp64Milli(r.as_of)',
    p: 'r.partition',
    o: 'r.`offset`',
    ...Object.fromEntries(
      features.map(({ name, type }, i) => {
        const column = `r.\`${name}\``;
        return [`f${i}`, type === 'time' ? `toUnixTimestamp64Milli(${column})` : column];
      }),
    ),
  };
  const list = Object.entries(columns).map(([name, sql]) => `${sql} AS ${name}`);
  return `SELECT ${list.join(', ')} FROM \`${table}\` AS r FINAL
WHERE ${vectorsInScope} AND r.key >= {low:String} AND r.key <= {high:String}
AND ${coordinateHash} <= {hash:UInt32} AND ${coordinateHash} % {parts:UInt32} = {part:UInt32}`;
}
