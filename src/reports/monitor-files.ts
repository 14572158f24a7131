import { type CollectedColumn, collectColumns } from '../datasets/collected-column.js';
import type { TextDictionary } from '../datasets/text-dictionary.js';
import { refuseEmpty, sharedColumns, wantedColumns } from './chosen-columns.js';
import { type Figures, insufficient } from './comparison.js';
import { categoricalTests, numberSide, numericTests } from './exact-tests.js';
import {
  type ColumnSample,
  freezeJoint,
  jointColumn,
  jointSums,
  jointTest,
  noNumbers,
  sampleColumn,
} from './joint-test.js';
import type { MonitorSettings } from './monitor-settings.js';
import { noNulls } from './nulls-test.js';
import { isContinued } from './order.js';
import { numberPicture, textPicture } from './picture.js';
import type { ReportSink, RowWindow, Summary } from './report.js';
import { namedTest } from './suited-tests.js';
import { Tally } from './tally.js';
import { testable } from './testable.js';
import { timeSpan } from './time-span.js';
import { wholeFileLevel } from './whole-file-level.js';

/**
 * Compares two whole files, column by column, with exact statistics. Columns are read in as many
 * passes as `memoryBytes` asks for, half of it for each file.
 * Errors: `wrong-use`, `input-missing`, `input-unreadable`.
 */
export async function monitorFiles(settings: MonitorSettings, sink: ReportSink): Promise<Summary> {
  const dictionaries = new Map<string, TextDictionary>();
  const wanted = wantedColumns(settings);
  const half = settings.memoryBytes / 2;
  const read = (path: string, only: (name: string) => boolean) => {
    const { progress } = settings;
    const tell = progress === null ? undefined : (share: number) => progress(path, share);
    return collectColumns(path, { wanted: only, dictionaries, progress: tell }, half);
  };
  let reference = await read(settings.reference, wanted);
  refuseEmpty(settings.reference, reference.rows, reference.broken.first);
  let input = await read(settings.input, wanted);
  refuseEmpty(settings.input, input.rows, input.broken.first);
  const { shared, untested } = sharedColumns(settings, namesOf(reference), namesOf(input));
  const ofReference = new Set(namesOf(reference));
  const rows = { reference: reference.rows, input: input.rows };
  const joint: JointSides | null = settings.tests?.includes('mmd')
    ? { reference: [], input: [] }
    : null;
  const level = wholeFileLevel(settings, shared.length);
  const tally = new Tally(settings, { reference, input }, { level, windows: 1, untested });
  const times = await timeSpan(settings, namesOf(input));
  const window = { from: 0, to: input.rows, rows: input.rows, ...times };
  const left = new Set(shared);
  for (;;) {
    const now = [...left].filter((name) => reference.columns.has(name) && input.columns.has(name));
    for (const name of now) {
      left.delete(name);
      const sides = { first: reference.columns.get(name)!, second: input.columns.get(name)! };
      await compare(sides, { settings, sink, tally, window, level, joint });
    }
    if (left.size === 0) break;
    reference = await read(settings.reference, (name) => left.has(name));
    input = await read(settings.input, (name) => left.has(name) && reference.columns.has(name));
  }
  if (joint !== null) report(jointColumn, [jointFigures(joint, level)], { sink, tally, window });
  for (const { column, reason } of untested) {
    const sizes = ofReference.has(column)
      ? { nReference: rows.reference, nCurrent: 0 }
      : { nReference: 0, nCurrent: rows.input };
    const figures = insufficient(namedTest(settings), sizes, reason);
    report(column, [figures], { sink, tally, window });
  }
  const summary = tally.summary([]);
  await sink.end([], summary);
  return summary;
}

function namesOf(collected: Awaited<ReturnType<typeof collectColumns>>): string[] {
  return [...collected.columns.keys(), ...collected.deferred];
}

interface Place {
  readonly sink: ReportSink;
  readonly tally: Tally;
  readonly window: RowWindow;
}

interface Context extends Place {
  readonly settings: MonitorSettings;
  readonly level: number;
  readonly joint: JointSides | null;
}

/** Rows of the numeric columns, where a test looks at all of them together. */
interface JointSides {
  readonly reference: ColumnSample[];
  readonly input: ColumnSample[];
}

function jointFigures({ reference, input }: JointSides, level: number): Figures {
  if (reference.length === 0) {
    const sizes = { nReference: 0, nCurrent: 0 };
    return insufficient('mmd', sizes, noNumbers);
  }
  const frozen = freezeJoint(reference);
  return jointTest(frozen, jointSums(frozen.map, input), level);
}

interface Sides {
  readonly first: CollectedColumn;
  readonly second: CollectedColumn;
}

async function compare({ first, second }: Sides, context: Context): Promise<void> {
  const { settings, sink, tally, level, joint } = context;
  const { type, reason } = testable(first, settings);
  const sizes = { nReference: first.values.length, nCurrent: second.values.length };
  if (reason !== null) {
    tally.untested.push({ column: first.name, reason });
    report(first.name, [insufficient(namedTest(settings), sizes, reason)], context);
    return;
  }
  const isCategory = type === 'category';
  const { all, picture } = isCategory
    ? { all: categoricalTests(first, second, level), picture: textPicture(first, second) }
    : numberFigures(first, second, type, level);
  const chosen = all.filter(({ test }) => settings.tests?.includes(test) ?? true);
  if (chosen.length === 0 && settings.tests?.includes('nulls')) chosen.push(noNulls(sizes));
  const goesOn = isCategory ? null : isContinued(first, second);
  if (goesOn !== null) tally.untested.push({ column: first.name, reason: goesOn });
  else if (!isCategory && joint !== null) {
    joint.reference.push(sampleColumn(first));
    joint.input.push(sampleColumn(second));
  }
  sink.pictures([picture]);
  // The figures stand; what only counts on is no drift.
  const figures =
    goesOn === null
      ? chosen
      : chosen.map((one): Figures => ({ ...one, verdict: 'insufficient-data', detail: goesOn }));
  report(first.name, figures, context);
  await sink.drain();
}

function numberFigures(
  first: CollectedColumn,
  second: CollectedColumn,
  type: string,
  level: number,
) {
  const sides = [numberSide(first), numberSide(second)] as const;
  return {
    all: numericTests(...sides, level),
    picture: numberPicture(first.name, type, ...sides),
  };
}

function report(column: string, figures: readonly Figures[], { sink, tally, window }: Place): void {
  for (const one of figures) {
    const result = { column, window, ...one };
    tally.add(result);
    sink.result(result);
  }
}
