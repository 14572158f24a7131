import { Command, Option } from 'commander';
import { byteSize } from '../config/byte-size.js';
import { WeirError } from '../errors.js';
import { HtmlSink } from '../reports/html-sink.js';
import { JsonSink } from '../reports/json-sink.js';
import { monitorFiles } from '../reports/monitor-files.js';
import type { MonitorSettings } from '../reports/monitor-settings.js';
import { monitorWindows } from '../reports/monitor-windows.js';
import { Output } from '../reports/output.js';
import { type ReportSink, type Summary, type TestName, testNames } from '../reports/report.js';
import { TextSink } from '../reports/text-sink.js';
import { countOption } from './options.js';

/** Exit codes of a run that found what `--fail-on` names, and of one that compared nothing. */
const foundExit = 3;
const nothingExit = 4;
const rowsMax = 1e9;

interface Options {
  readonly reference: string;
  readonly input: string;
  readonly time?: string;
  readonly window?: string;
  readonly slide?: string;
  readonly columns?: readonly string[];
  readonly tests?: readonly string[];
  readonly format: string;
  readonly out?: string;
  readonly failOn: string;
  readonly alpha: string;
  readonly looks?: string;
  readonly memory: string;
}

const help = `
Files are CSV, NDJSON (.ndjson, .jsonl, .json) or Parquet by the end of their names, each also .gz.
Exit code: 0; ${foundExit} where --fail-on is met; ${nothingExit} where no column could be compared;
1 a file cannot be read; 2 wrong use.
What every figure means is in docs/monitor-command.md.

Examples:
  weir monitor --reference january.csv --input february.csv
  weir monitor --reference train.parquet --input live.ndjson.gz --window 1000 --slide 100 \\
    --time timestamp --format html --out report.html`;

/** Options that `monitor` and `compare` share. */
export function withReportOptions(command: Command): Command {
  const formats = ['json', 'text', 'html'];
  const levels = ['never', 'untested', 'warning', 'drift'];
  return command
    .option('--columns <names...>', 'columns to test (default: all that both files have)')
    .option('--tests <names...>', `tests to report, of ${testNames.join(', ')}, all`)
    .addOption(new Option('--format <format>', 'of the report').choices(formats).default('text'))
    .option('--out <file>', 'where the report goes (default: standard output)')
    .addOption(
      new Option('--fail-on <verdict>', 'or worse, for exit code 3')
        .choices(levels)
        .default('never'),
    )
    .option('--alpha <chance>', 'of any alarm over all columns and looks without drift', '0.05')
    .option('--memory <size>', 'of the cells held at once; more takes more passes', '2GiB');
}

/** `weir monitor`: drift of a file against a reference, over windows or as a whole. */
export function monitorCommand(): Command {
  return withReportOptions(
    new Command('monitor')
      .description('drift of a file of any data against a reference file')
      .requiredOption('--reference <file>', 'what to compare with')
      .requiredOption('--input <file>', 'what may have drifted')
      .option('--time <column>', 'its values mark windows and episodes; it is not tested')
      .option('--window <rows>', 'slide a window over the input (default: the whole file)')
      .option('--slide <rows>', 'from one window to the next (default: the window)')
      .option('--looks <n>', 'windows over which --alpha is kept (default: 1000 to 50000)'),
  )
    .addHelpText('after', help)
    .action(runReport);
}

/** Reads the options, reports, and sets the exit code. */
export async function runReport(options: Options): Promise<void> {
  const settings = settingsOf(options);
  const { window, slide } = settings;
  const output = new Output(options.out ?? null);
  const sink = sinkOf(options, output);
  const summary =
    window === null || slide === null
      ? await monitorFiles(settings, sink)
      : await monitorWindows({ ...settings, window, slide }, sink);
  if (isFound(options.failOn, summary)) process.exitCode = foundExit;
  else if (summary.verdict === 'insufficient-data') process.exitCode = nothingExit;
}

/** Whether the report is as bad as asked: drift, from warning on, or with a column not tested. */
function isFound(failOn: string, { verdict, untested }: Summary): boolean {
  if (failOn === 'never') return false;
  if (verdict === 'drift' || (failOn === 'untested' && untested.length > 0)) return true;
  return verdict === 'warning' && failOn !== 'drift';
}

function sinkOf({ format, time }: Options, output: Output): ReportSink {
  if (format === 'json') return new JsonSink(output, time !== undefined);
  if (format === 'html') return new HtmlSink(output);
  return new TextSink(output);
}

function settingsOf(options: Options): MonitorSettings {
  const window =
    options.window === undefined ? null : countOption('--window', options.window, rowsMax);
  for (const name of ['slide', 'looks'] as const) {
    if (window !== null || options[name] === undefined) continue;
    throw new WeirError('wrong-use', `--${name}: expected it with --window; give --window too`);
  }
  const slide =
    options.slide === undefined ? window : countOption('--slide', options.slide, window ?? rowsMax);
  return {
    reference: options.reference,
    input: options.input,
    columns: listed(options.columns),
    tests: testsOf(listed(options.tests)),
    time: options.time ?? null,
    window,
    slide,
    alpha: chanceOf(options.alpha),
    looks: options.looks === undefined ? null : countOption('--looks', options.looks, 1e6),
    memoryBytes: memoryOf(options.memory),
    progress: showProgress(process.stderr.isTTY),
  };
}

/** Names given apart or with commas. */
function listed(names: readonly string[] | undefined): readonly string[] | null {
  return names?.flatMap((name) => name.split(',')).filter((name) => name !== '') ?? null;
}

function testsOf(names: readonly string[] | null): readonly TestName[] | null {
  if (names === null) return null;
  if (names.includes('all')) return testNames;
  return names.map((name) => {
    const known = testNames.find((test) => test === name);
    if (known !== undefined) return known;
    throw new WeirError(
      'wrong-use',
      `--tests: expected some of ${testNames.join(', ')}, all; found '${name}'`,
    );
  });
}

function chanceOf(text: string): number {
  const chance = Number(text);
  if (chance > 0 && chance < 1) return chance;
  throw new WeirError('wrong-use', `--alpha: expected a chance between 0 and 1; found '${text}'`);
}

function memoryOf(text: string): number {
  const bytes = byteSize(text) ?? 0;
  if (bytes >= 1 << 20) return bytes;
  throw new WeirError(
    'wrong-use',
    `--memory: expected a size from 1MiB such as 2GiB; found '${text}'`,
  );
}

/** Every so many ms how far a file has been read: on a terminal in place, else in lines. */
const progressEvery = { terminal: 100, lines: 5000 } as const;

function showProgress(isTerminal: boolean): (what: string, share: number) => void {
  const every = isTerminal ? progressEvery.terminal : progressEvery.lines;
  let shown = isTerminal ? 0 : Date.now();
  return (what, share) => {
    const now = Date.now();
    const isOver = isTerminal && share >= 1;
    if (!isOver && now - shown < every) return;
    shown = now;
    const text = isOver ? '' : `weir: ${what} ${Math.floor(100 * share)} %`;
    process.stderr.write(isTerminal ? `\r\u001b[K${text}` : `${text}\n`);
  };
}
