import type { Output } from './output.js';
import type { Episode, Moment, ReportSink, Summary, TestName, TestResult } from './report.js';
import { graver } from './verdict.js';

interface Line {
  /** The gravest result, by its effect among equals. */
  worst: TestResult;
  results: number;
}

const namesMax = 28;

/** The report for a terminal: a line for each column and test, then episodes, then the sum. */
export class TextSink implements ReportSink {
  readonly #output: Output;
  readonly #lines = new Map<string, Map<TestName, Line>>();

  constructor(output: Output) {
    this.#output = output;
  }

  pictures(): void {}

  result(result: TestResult): void {
    const ofColumn = this.#lines.get(result.column) ?? new Map<TestName, Line>();
    this.#lines.set(result.column, ofColumn);
    const line = ofColumn.get(result.test);
    if (line === undefined) ofColumn.set(result.test, { worst: result, results: 1 });
    else {
      line.results++;
      if (isWorse(result, line.worst)) line.worst = result;
    }
  }

  drain(): Promise<void> {
    return Promise.resolve();
  }

  async end(episodes: readonly Episode[], summary: Summary): Promise<void> {
    const write = (line: string) => this.#output.write(`${line}\n`);
    write(`reference ${summary.reference}, ${count(summary.rowsReference)} rows`);
    write(`input     ${summary.input}, ${count(summary.rowsInput)} rows${windowsText(summary)}`);
    for (const [side, broken] of [
      ['reference', summary.brokenReference],
      ['input', summary.brokenInput],
    ] as const) {
      if (broken > 0) write(`${count(broken)} broken rows of the ${side} were left out`);
    }
    write('');
    this.#table(write, summary);
    this.#episodes(write, episodes, summary);
    write(sumText(summary));
    await this.#output.close();
  }

  #table(write: (line: string) => void, summary: Summary): void {
    const width = Math.min(namesMax, Math.max(6, ...[...this.#lines.keys()].map((n) => n.length)));
    const worst = summary.window === null ? '' : ', the gravest window of each';
    write(row(width, ['column', 'test', 'verdict', 'effect', 'statistic', 'p', 'n', '']));
    for (const [column, ofColumn] of this.#lines) {
      for (const [test, { worst: one }] of ofColumn) {
        const sizes = `${one.nReference} / ${one.nCurrent}`;
        const where = summary.window === null ? '' : `rows ${one.window.from}–${one.window.to} `;
        const cells = [cut(column, width), test, one.verdict, shown(one.effect)];
        cells.push(shown(one.statistic), shown(one.pValue), sizes, where + one.detail);
        write(row(width, cells));
      }
    }
    write(`(n: reference / current${worst})`);
    write('');
  }

  #episodes(write: (line: string) => void, episodes: readonly Episode[], { window }: Summary) {
    if (window === null) return;
    for (const one of episodes) {
      const until =
        one.closed === null
          ? 'still open'
          : `${one.ended} at row ${one.closed}${at(one.closedTime)}`;
      const columns = `${one.columns.slice(0, 8).join(', ')}${one.columns.length > 8 ? ', …' : ''}`;
      write(
        `episode ${one.episode}: found at row ${one.opened}${at(one.openedTime)}, ${until}; ${columns}`,
      );
    }
    write(episodes.length === 0 ? 'no episodes' : '');
  }
}

/** Whether a result is graver than another: by verdict, then by effect. */
export function isWorse(a: TestResult, b: TestResult): boolean {
  if (a.verdict !== b.verdict) return graver(a.verdict, b.verdict) === a.verdict;
  return (a.effect ?? 0) > (b.effect ?? 0);
}

function row(width: number, cells: readonly string[]): string {
  const widths = [width, 11, 17, 9, 10, 9, 17];
  return cells
    .map((cell, i) => cell.padEnd(widths[i] ?? 0))
    .join(' ')
    .trimEnd();
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}

/** Four digits. */
export function shown(value: number | null): string {
  if (value === null) return '–';
  if (value !== 0 && Math.abs(value) < 1e-3) return value.toExponential(1);
  return String(Number(value.toPrecision(4)));
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}

function at(moment: Moment | undefined): string {
  return moment === undefined || moment === null ? '' : ` (${moment})`;
}

function windowsText({ window, slide, windows }: Summary): string {
  return window === null
    ? ''
    : `; ${count(windows)} windows of ${count(window)} rows, one every ${count(slide ?? window)}`;
}

function sumText(summary: Summary): string {
  const { verdict, drifted, warned, untested, columns } = summary;
  const parts = [`${verdict}: ${drifted.length} of ${columns} columns drifted`];
  if (warned.length > 0) parts.push(`${warned.length} more differ by little`);
  if (untested.length > 0) parts.push(`${untested.length} could not be tested`);
  return parts.join(', ');
}
