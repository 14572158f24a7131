import {
  type Collected,
  type CollectedColumn,
  collectColumns,
} from '../datasets/collected-column.js';
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
import type { ColumnPicture, ReportSink, RowWindow, Summary } from './report.js';
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
  const read = reader(settings);
  const wanted = wantedColumns(settings);
  let reference = await read(settings.reference, wanted);
  refuseEmpty(settings.reference, reference.rows, reference.broken.first);
  let input = await read(settings.input, wanted);
  refuseEmpty(settings.input, input.rows, input.broken.first);
  const names = { reference: namesOf(reference), input: namesOf(input) };
  const { shared, untested } = sharedColumns(settings, names.reference, names.input);
  const joint: JointSides | null = settings.tests?.includes('mmd')
    ? { reference: [], input: [] }
    : null;
  const level = wholeFileLevel(settings, shared.length);
  const sizes = { reference: sizeOf(reference), input: sizeOf(input) };
  const tally = new Tally(settings, sizes, { level, windows: 1, untested });
  const times = await timeSpan(settings, names.input);
  const window = { from: 0, to: input.rows, rows: input.rows, ...times };
  const left = new Set(shared);
  for (;;) {
    const now = [...left].filter((name) => reference.columns.has(name) && input.columns.has(name));
    for (const name of now) {
      settings.progress?.('columns compared', (shared.length - left.size) / shared.length);
      left.delete(name);
      const sides = { first: reference.columns.get(name)!, second: input.columns.get(name)! };
      await compare(sides, { settings, sink, tally, window, level, joint });
    }
    if (left.size === 0) break;
    // Let go of before the next pass: else two of them would be held.
    reference = input = nothing;
    reference = await read(settings.reference, (name) => left.has(name));
    input = await read(settings.input, (name) => left.has(name) && reference.columns.has(name));
  }
  settings.progress?.('columns compared', 1);
  if (joint !== null) report(jointColumn, [jointFigures(joint, level)], { sink, tally, window });
  const ofReference = new Set(names.reference);
  for (const { column, reason } of untested) {
    const rows = ofReference.has(column)
      ? { nReference: sizes.reference.rows, nCurrent: 0 }
      : { nReference: 0, nCurrent: sizes.input.rows };
    report(column, [insufficient(namedTest(settings), rows, reason)], { sink, tally, window });
  }
  const summary = tally.summary([]);
  await sink.end([], summary);
  return summary;
}

const nothing: Collected = {
  rows: 0,
  columns: new Map(),
  deferred: [],
  broken: { count: 0, first: '' },
};

/** Collects columns, each file's in half of the memory. */
function reader({ memoryBytes, progress }: MonitorSettings) {
  const dictionaries = new Map<string, TextDictionary>();
  return (path: string, wanted: (name: string) => boolean): Promise<Collected> => {
    const tell = progress === null ? undefined : (share: number) => progress(path, share);
    return collectColumns(path, { wanted, dictionaries, progress: tell }, memoryBytes / 2);
  };
}

/** What is known of a file without its cells. */
const sizeOf = ({ rows, broken }: Collected) => ({ rows, broken });

function namesOf(collected: Collected): string[] {
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
  const { all, picture, goesOn } = isCategory
    ? textFigures(first, second, level)
    : numberFigures(first, second, type, level);
  const chosen = all.filter(({ test }) => settings.tests?.includes(test) ?? true);
  if (chosen.length === 0 && settings.tests?.includes('nulls')) chosen.push(noNulls(sizes));
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

interface ColumnFigures {
  readonly all: readonly Figures[];
  readonly picture: ColumnPicture;
  /** Why a column that counts on is not tested. */
  readonly goesOn: string | null;
}

function textFigures(
  first: CollectedColumn,
  second: CollectedColumn,
  level: number,
): ColumnFigures {
  const all = categoricalTests(first, second, level);
  return { all, picture: textPicture(first, second), goesOn: null };
}

function numberFigures(
  first: CollectedColumn,
  second: CollectedColumn,
  type: string,
  level: number,
): ColumnFigures {
  const sides = [numberSide(first), numberSide(second)] as const;
  return {
    all: numericTests(...sides, level),
    picture: numberPicture(first.name, type, ...sides),
    goesOn: isContinued(first, ...sides),
  };
}

function report(column: string, figures: readonly Figures[], { sink, tally, window }: Place): void {
  for (const one of figures) {
    const result = { column, window, ...one };
    tally.add(result);
    sink.result(result);
  }
}
