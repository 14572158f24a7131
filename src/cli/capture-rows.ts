import { basename } from 'node:path';
import { type Cell, type ColumnBatch, cellKind } from '../datasets/cell.js';
import { openTable } from '../datasets/open-table.js';
import { distinctTextsMax, type TextDictionary } from '../datasets/text-dictionary.js';
import { WeirError } from '../errors.js';
import type { FeatureValue } from '../features/shape.js';
import { featuresOfGroup } from '../monitors/binning.js';
import { captureReference } from '../monitors/capture-reference.js';
import type { GatheredGroup, GatheredPeriod } from '../monitors/gather.js';
import type { MonitoredFeature } from '../monitors/monitored-feature.js';
import type { Reference } from '../monitors/reference.js';
import { planMonitor } from '../operators/monitor-plan.js';
import type { Pipeline } from '../streams/pipeline.js';

export interface RowsCapture {
  /** CSV, NDJSON or Parquet, by the end of its name. */
  readonly path: string;
  readonly pipeline: Pipeline;
  /** Name of one of the pipeline's monitors. */
  readonly monitor: string;
  readonly modelVersion: string;
  /** Column of the rows' times. */
  readonly time: string;
  /** Column of the entities: each counts with its first row of a period; null: every row counts. */
  readonly key: string | null;
}

export interface CapturedRows {
  readonly reference: Reference;
  /** Rows that were not taken: no time, no key, or not the first of their entity. */
  readonly left: number;
}

/** Values held at once; a sample of the rows does for a reference. */
const valuesMax = 50_000_000;

type ReadValue = (cell: Cell) => FeatureValue;

/**
 * A monitor's reference from rows that hold its features under their names, or under `inputs.NAME`
 * as scores and training rows do: every window counts as filled. What has no column is not in it,
 * nor are figures of labels and events.
 * @throws WeirError no-reference where no row or no feature is found, wrong-use, input-missing
 */
export async function captureRows(capture: RowsCapture): Promise<CapturedRows> {
  const { path, pipeline, modelVersion } = capture;
  const definition = pipeline.monitors.find(({ name }) => name === capture.monitor)!; // looked up
  const model = pipeline.models.find(({ name }) => name === definition.model) ?? null;
  const plan = planMonitor(definition, { views: pipeline.views, model, partitions: 1 });
  const { rows, names, left } = await readRows(capture, plan.features, definition.periodMs);
  const found = plan.features.filter((feature) => columnOf(feature, names) !== undefined);
  if (found.length === 0 || rows.size === 0) {
    const there =
      rows.size === 0 ? 'no row with a time' : `columns ${names.slice(0, 8).join(', ')}`;
    const some = plan.features.slice(0, 3).map(({ name }) => name);
    throw new WeirError(
      'no-reference',
      `${path}: expected rows with ${capture.time} and features of ${definition.name} such as ${some.join(', ')}; found ${there}`,
    );
  }
  const starts = [...rows.keys()].sort((a, b) => a - b);
  const periods = starts.map((start): GatheredPeriod => {
    const periodEndMs = start + definition.periodMs;
    const groups = groupsOf(found, start, periodEndMs, rows.get(start)!);
    return { periodStartMs: start, periodEndMs, groups };
  });
  const createdFrom = `rows of ${basename(path)}`;
  const options = { modelVersion, createdFrom };
  const features = found.map((one) => {
    return { ...one, row: featuresOfGroup(found, one.group).indexOf(one) };
  });
  return { reference: captureReference(plan.definition, features, periods, options), left };
}

function columnOf(feature: MonitoredFeature, names: readonly string[]): string | undefined {
  return columnsOf(feature).find((one) => names.includes(one));
}

function columnsOf({ name }: MonitoredFeature): readonly string[] {
  return [name, `inputs.${name}`];
}

/** By group: rows of all its features in their order, null where there is no column. */
type RowsByGroup = Map<string, FeatureValue[][]>;

async function readRows(
  { path, time, key }: RowsCapture,
  features: readonly MonitoredFeature[],
  periodMs: number,
) {
  const dictionaries = new Map<string, TextDictionary>();
  const candidates = new Set([
    time,
    ...(key === null ? [] : [key]),
    ...features.flatMap(columnsOf),
  ]);
  const table = openTable(path, { dictionaries, wanted: (name) => candidates.has(name) });
  const rows = new Map<number, RowsByGroup>();
  const seen = new Set<string>();
  let values = 0;
  let left = 0;
  for await (const { rows: count, columns } of table.batches()) {
    const { names } = table;
    const at = (name: string): ColumnBatch | undefined => columns[names.indexOf(name)];
    const times = at(time);
    const keys = key === null ? undefined : at(key);
    // Lines of JSON may bring further columns at any time.
    const columnsNow = features.map((feature): FeatureColumn => {
      const name = columnOf(feature, names) ?? '';
      const read = readerOf(feature, dictionaries.get(name));
      return { group: feature.group, cells: at(name) ?? null, read };
    });
    for (let i = 0; i < count; i++) {
      const timeMs = timeOf(times, i);
      const start = timeMs === null ? null : Math.floor(timeMs / periodMs) * periodMs;
      const known = key === null ? '' : keyOf(keys, i);
      const entity = `${start} ${known}`;
      if (start === null || known === null || seen.has(entity)) {
        left++;
        continue;
      }
      if (key !== null) seen.add(entity);
      const groups: RowsByGroup = rows.get(start) ?? new Map();
      rows.set(start, groups);
      addRow(groups, columnsNow, i);
      values += features.length;
    }
    if (values > valuesMax) refuseSize(path);
    if (key !== null && dictionaries.get(key)?.isFull) refuseKeys(path, key);
  }
  if (key !== null && !table.names.includes(key)) refuseKey(path, key);
  return { rows, names: table.names, left };
}

interface FeatureColumn {
  readonly group: string;
  readonly cells: ColumnBatch | null;
  readonly read: ReadValue;
}

function addRow(groups: RowsByGroup, columns: readonly FeatureColumn[], i: number): void {
  const row = new Map<string, FeatureValue[]>();
  for (const { group, cells, read } of columns) {
    const own = row.get(group) ?? [];
    row.set(group, own);
    own.push(cells === null ? null : read({ kind: cells.kinds[i]!, value: cells.values[i]! }));
  }
  for (const [group, own] of row) {
    const list = groups.get(group) ?? [];
    groups.set(group, list);
    list.push(own);
  }
}

/** Milliseconds of a time or a number; null for anything else. */
function timeOf(column: ColumnBatch | undefined, i: number): number | null {
  const kind = column?.kinds[i];
  return kind === cellKind.time || kind === cellKind.number ? column!.values[i]! : null;
}

/** What tells an entity from others; null where there is no key. */
function keyOf(column: ColumnBatch | undefined, i: number): string | null {
  const kind = column?.kinds[i] ?? cellKind.null;
  if (kind === cellKind.null || kind === cellKind.other) return null;
  return `${kind} ${column!.values[i]}`;
}

function readerOf(feature: MonitoredFeature, texts: TextDictionary | undefined): ReadValue {
  const isNumeric = feature.values === 'numeric';
  return ({ kind, value }) => {
    if (kind === cellKind.null || kind === cellKind.other) return null;
    if (kind === cellKind.text) return isNumeric ? null : (texts?.texts[value] ?? null);
    if (kind === cellKind.notFinite) return isNumeric ? Number.NaN : null;
    if (isNumeric) return value;
    return kind === cellKind.boolean ? String(value === 1) : String(value);
  };
}

function groupsOf(
  features: readonly MonitoredFeature[],
  periodStartMs: number,
  periodEndMs: number,
  groups: RowsByGroup,
): GatheredGroup[] {
  const names = [...new Set(features.map(({ group }) => group))];
  const uncounted = { referenceId: null, counts: null, sums: [], segments: [], events: [] };
  const observedFromMs = Number.NEGATIVE_INFINITY;
  return names.map((group) => {
    const own = featuresOfGroup(features, group).map((feature) => feature.row);
    const rows = (groups.get(group) ?? []).map((row) => own.map((at) => row[at] ?? null));
    const place = { group, periodStartMs, periodEndMs, observedFromMs, newestMs: null };
    return { ...place, ...uncounted, n: rows.length, rows };
  });
}

function refuseSize(path: string): never {
  throw new WeirError(
    'wrong-use',
    `${path}: expected at most ${valuesMax} values of features; found more; give a sample of the rows`,
  );
}

/** Texts beyond those that are told apart would all be one entity. */
function refuseKeys(path: string, key: string): never {
  const expected = `at most ${distinctTextsMax} different texts in ${key}, none of them long`;
  throw new WeirError(
    'wrong-use',
    `${path}: expected ${expected}; found more; give a sample of the entities`,
  );
}

function refuseKey(path: string, key: string): never {
  throw new WeirError(
    'wrong-use',
    `${path}: expected the column ${key}; found none of that name; name that of the entities by --key`,
  );
}
