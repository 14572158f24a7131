import type { Table } from '../datasets/table.js';
import { notOfInput } from './chosen-columns.js';
import type { Figures } from './comparison.js';
import { EpisodeTracker, type Look } from './episode-tracker.js';
import type { FrozenColumn } from './frozen-column.js';
import { jointColumn } from './joint-test.js';
import type { JointWindow } from './joint-window.js';
import type { MonitorSettings } from './monitor-settings.js';
import { countsOn, isContinuedIn } from './order.js';
import { offsetsOf, type PaneCounts } from './pane-counts.js';
import type { Episode, ReportSink, RowWindow, TestName, TestResult } from './report.js';
import type { Tally } from './tally.js';
import { limits, surer } from './verdict.js';
import { columnLaw, type Sizes, watchedTests, windowLevel } from './window-level.js';
import { Criticals, windowTests } from './window-tests.js';

interface Parts {
  readonly frozen: readonly FrozenColumn[];
  readonly settings: MonitorSettings & { readonly window: number };
  /** What the levels are promised for. */
  readonly sizes: Sizes;
  readonly table: Table;
  readonly panes: PaneCounts;
  /** All numeric columns together, where that is asked for. */
  readonly joint: JointWindow | null;
  readonly tally: Tally;
  readonly sink: ReportSink;
}

/** A p-value that is no trace of drift. */
const quiet = 0.01;
/** Over all columns: windows of a state that has stopped changing, slow changes told from it. */
const alike = 0.05;

/** Evaluates the window at each slide: results to the sink, what they mean to the episodes. */
export class Looker {
  /** Counts of all windows that do not overlap, by column at its offset. */
  readonly all: Uint32Array;
  readonly #parts: Parts;
  readonly #offsets: readonly number[];
  readonly #tests: ReadonlySet<TestName>;
  /** By column. */
  readonly #criticals: readonly Criticals[];
  readonly #joint: Criticals;
  readonly #strict: readonly Criticals[];
  readonly #tracker: EpisodeTracker;
  /** Columns that the input does not have, or that count on by construction. */
  readonly #excluded = new Set<number>();
  #last: Look | null = null;
  #countedTo = 0;

  constructor(parts: Parts) {
    const { frozen, settings, sizes, panes, joint } = parts;
    this.#parts = parts;
    this.#offsets = offsetsOf(frozen);
    this.#tests = watchedTests(settings);
    this.#joint = new Criticals(windowLevel(sizes, this.#tests));
    const byLaw = new Map([['any', this.#joint]]);
    this.#criticals = frozen.map((column) => {
      const law = columnLaw(column);
      const known = byLaw.get(law) ?? new Criticals(windowLevel(sizes, this.#tests, law));
      byLaw.set(law, known);
      return known;
    });
    const strict = new Criticals(alike / Math.max(1, frozen.length));
    this.#strict = frozen.map(() => strict);
    this.all = new Uint32Array(panes.sum.length);
    this.#tracker = new EpisodeTracker(
      [...frozen.map(({ name }) => name), ...(joint === null ? [] : [jointColumn])],
      settings.window,
      {
        changed: (before, counts) => this.#differing(before, counts, this.#criticals, true),
        isAlike: (a, b) => this.#differing(a, b, this.#strict, false).length === 0,
      },
    );
  }

  look(): void {
    const { frozen, settings, panes, joint, tally, sink } = this.#parts;
    const to = panes.rows;
    const { first, last } = panes.times();
    const times = settings.time === null ? {} : { fromTime: first, toTime: last };
    const rows = Math.min(to, settings.window);
    const window: RowWindow = { from: to - rows, to, rows, ...times };
    const isHigh: boolean[] = [];
    const isLow: boolean[] = [];
    const judge = (column: string, figures: readonly Figures[]) => {
      for (const one of figures) {
        const result: TestResult = { column, window, ...one };
        tally.add(result);
        sink.result(result);
      }
      isHigh.push(figures.some(({ verdict }) => verdict === 'drift'));
      isLow.push(figures.every(isQuiet));
    };
    for (const [i, column] of frozen.entries()) {
      const counts = this.#of(panes.sum, i);
      const reason = tally.windows === 0 ? this.#reasonAgainst(column, counts) : null;
      if (reason !== null) {
        this.#excluded.add(i);
        tally.untested.push({ column: column.name, reason });
      }
      const figures = this.#excluded.has(i)
        ? []
        : windowTests(column, column.counts, counts, this.#tests, this.#criticals[i]!);
      judge(column.name, figures);
    }
    if (joint !== null) judge(jointColumn, [joint.figures(this.#joint.level)]);
    tally.windows++;
    this.#countAll(to);
    this.#last = {
      to,
      time: last,
      counts: panes.sum,
      isHigh: (i) => isHigh[i]!,
      isLow: (i) => isLow[i]!,
    };
    this.#tracker.look(this.#last);
  }

  finish(): readonly Episode[] {
    return this.#last === null ? [] : this.#tracker.finish(this.#last);
  }

  #reasonAgainst(column: FrozenColumn, counts: Uint32Array): string | null {
    const { table, settings } = this.#parts;
    if (table.isFixed && !table.names.includes(column.name)) return notOfInput(settings);
    return isContinuedIn(column, counts) ? countsOn : null;
  }

  #of(counts: Uint32Array, column: number): Uint32Array {
    return counts.subarray(this.#offsets[column]!, this.#offsets[column + 1]!);
  }

  #countAll(to: number): void {
    if (to - this.#countedTo < this.#parts.settings.window) return;
    this.#countedTo = to;
    const { sum } = this.#parts.panes;
    for (let i = 0; i < sum.length; i++) this.all[i]! += sum[i]!;
  }

  /** Columns that two states differ in: significantly, and where asked by an effect that counts. */
  #differing(
    a: Uint32Array,
    b: Uint32Array,
    byColumn: readonly Criticals[],
    byEffect: boolean,
  ): number[] {
    const { frozen } = this.#parts;
    const found: number[] = [];
    for (const [i, column] of frozen.entries()) {
      if (this.#excluded.has(i)) continue;
      const criticals = byColumn[i]!;
      const figures = windowTests(column, this.#of(a, i), this.#of(b, i), this.#tests, criticals);
      const differs = figures.some((one) =>
        byEffect ? isLarge(one) : one.pValue !== null && one.pValue < criticals.level,
      );
      if (differs) found.push(i);
    }
    return found;
  }
}

/** Drift, and of a size that is not taken for a part of a gradual change. */
function isLarge({ test, effect, verdict }: Figures): boolean {
  return verdict === 'drift' && effect !== null && effect >= surer * limits[test].drift;
}

/** No trace of drift: not significant even at 1 %, or an effect that would be no drift. */
function isQuiet({ test, pValue, effect, verdict }: Figures): boolean {
  if (pValue === null) return verdict !== 'warning' && verdict !== 'drift';
  return effect === null || pValue > quiet || effect < limits[test].drift;
}
