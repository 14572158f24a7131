import { type Collected, collectColumns } from '../datasets/collected-column.js';
import { openTable } from '../datasets/open-table.js';
import type { TextDictionary } from '../datasets/text-dictionary.js';
import { refuseEmpty, refuseTime, sharedColumns, wantedColumns } from './chosen-columns.js';
import { insufficient, type Sizes } from './comparison.js';
import { type FrozenColumn, freeze } from './frozen-column.js';
import { type ColumnSample, sampleColumn } from './joint-test.js';
import { JointWindow } from './joint-window.js';
import { Looker } from './looker.js';
import { momentsOf } from './moments-of.js';
import type { MonitorSettings } from './monitor-settings.js';
import { followsRows } from './order.js';
import { offsetsOf, PaneCounts } from './pane-counts.js';
import { binPicture } from './picture.js';
import type { ReportSink, Summary, TestResult, Untested } from './report.js';
import { namedTest } from './suited-tests.js';
import { Tally } from './tally.js';
import { testable } from './testable.js';
import { featuresOf, looksByDefault, watchedTests, windowLevel } from './window-level.js';

/**
 * Slides a window over a file and compares it with the frozen reference at every slide; then the
 * episodes. The reference is read in as many passes as `memoryBytes` asks for, the input once.
 * Errors: `wrong-use`, `input-missing`, `input-unreadable`.
 */
export async function monitorWindows(
  settings: MonitorSettings & { readonly window: number; readonly slide: number },
  sink: ReportSink,
): Promise<Summary> {
  const dictionaries = new Map<string, TextDictionary>();
  const { frozen, samples, untested, read, names } = await freezeReference(settings, dictionaries);
  const { window, slide } = settings;
  const tests = watchedTests(settings);
  const features = featuresOf(frozen, tests);
  const looks = settings.looks ?? looksByDefault(features);
  const promised = { features, looks, alpha: settings.alpha };
  const sizes = { ...promised, nReference: read.rows, nWindow: window, slide };
  const level = windowLevel(sizes, tests);
  const { progress } = settings;
  const frozenNames = new Set(frozen.map(({ name }) => name));
  const wanted = wantedColumns(settings);
  const table = openTable(settings.input, {
    wanted: (name) => wanted(name) || name === settings.time,
    dictionaries,
    progress: progress === null ? undefined : (share) => progress(settings.input, share),
  });
  const panes = new PaneCounts(frozen, window, slide);
  const joint = tests.has('mmd') ? new JointWindow(samples, window, panes.count) : null;
  const input = { rows: 0, broken: table.broken };
  const tally = new Tally(
    { ...settings, looks },
    { reference: read, input },
    { level, windows: 0, untested },
  );
  const looker = new Looker({ frozen, settings, sizes, table, panes, joint, tally, sink });
  let sources: readonly number[] = [];
  let known = 0;
  for await (const batch of table.batches()) {
    if (table.names.length !== known) {
      known = table.names.length;
      if (table.isFixed) refuseTime(settings, table.names);
      sources = frozen.map(({ name }) => table.names.indexOf(name));
      joint?.begin(table.names);
    }
    const time = momentsOf(settings, table, batch, dictionaries);
    for (let from = 0; from < batch.rows; ) {
      const rows = Math.min(batch.rows - from, panes.room);
      panes.add(batch, sources, from, rows, time);
      joint?.add(batch, from, rows);
      from += rows;
      if (panes.room > 0) continue;
      joint?.turn();
      if (panes.turn()) {
        looker.look();
        await sink.drain();
      }
      panes.evict();
      joint?.evict();
    }
    input.rows += batch.rows;
  }
  refuseEmpty(settings.input, input.rows, table.broken.first);
  refuseTime(settings, table.names);
  if (tally.windows === 0) {
    // Fewer rows than a window: what is there is looked at once, as it is.
    panes.turn();
    joint?.turn();
    looker.look();
  }
  const shared = sharedColumns(settings, names, table.names.filter(wanted));
  for (const { column, reason } of shared.untested) {
    if (!frozenNames.has(column)) tally.untested.push({ column, reason });
  }
  const episodes = looker.finish();
  const offsets = offsetsOf(frozen);
  sink.pictures(
    frozen.map((column, i) =>
      binPicture(column, column.counts, looker.all.subarray(offsets[i]!, offsets[i + 1]!)),
    ),
  );
  const ofReference = new Set(names);
  const ofInput = new Set(table.names);
  report(settings, tally, sink, input.rows, (column) => ({
    nReference: ofReference.has(column) ? read.rows : 0,
    nCurrent: ofInput.has(column) ? input.rows : 0,
  }));
  const summary = tally.summary(episodes);
  await sink.end(episodes, summary);
  return summary;
}

/** A line for each column that was not tested. */
function report(
  settings: MonitorSettings,
  tally: Tally,
  sink: ReportSink,
  rows: number,
  sizesOf: (column: string) => Sizes,
): void {
  for (const { column, reason } of tally.untested) {
    const result: TestResult = {
      column,
      window: { from: 0, to: rows, rows },
      ...insufficient(namedTest(settings), sizesOf(column), reason),
    };
    tally.add(result);
    sink.result(result);
  }
}

interface Frozen {
  readonly frozen: readonly FrozenColumn[];
  /** Rows of the numeric columns, where a test looks at all of them together. */
  readonly samples: readonly ColumnSample[];
  readonly untested: readonly Untested[];
  readonly read: Collected;
  readonly names: readonly string[];
}

async function freezeReference(
  settings: MonitorSettings & { readonly window: number },
  dictionaries: Map<string, TextDictionary>,
): Promise<Frozen> {
  const { progress, reference } = settings;
  const tell = progress === null ? undefined : (share: number) => progress(reference, share);
  let wanted = wantedColumns(settings);
  const isJoint = watchedTests(settings).has('mmd');
  const samples: ColumnSample[] = [];
  const byName = new Map<string, FrozenColumn>();
  const untested: Untested[] = [];
  const names: string[] = [];
  let first: Collected | null = null;
  for (;;) {
    const options = { wanted, dictionaries, progress: tell };
    const read = await collectColumns(reference, options, settings.memoryBytes);
    refuseEmpty(reference, read.rows, read.broken.first);
    if (first === null) names.push(...read.columns.keys(), ...read.deferred);
    // Its cells are not held on to.
    first ??= { ...read, columns: new Map() };
    for (const column of read.columns.values()) {
      const found = testable(column, settings);
      if (found.reason !== null) {
        untested.push({ column: column.name, reason: found.reason });
        continue;
      }
      const one = freeze(column, found.type, settings.window);
      byName.set(column.name, one);
      if (isJoint && found.type !== 'category' && !followsRows(one)) {
        samples.push(sampleColumn(column, one.inflation));
      }
    }
    const left = new Set(read.deferred);
    if (left.size === 0) break;
    wanted = (name) => left.has(name);
  }
  const frozen = names.flatMap((name) => byName.get(name) ?? []);
  return { frozen, samples, untested, read: first, names };
}
