import { htmlPage, type TestSection } from './html-page.js';
import type { Output } from './output.js';
import type {
  ColumnPicture,
  Episode,
  ReportSink,
  Summary,
  TestName,
  TestResult,
  Verdict,
} from './report.js';
import { isWorse } from './text-sink.js';
import { graver } from './verdict.js';

/** Points of a plotted line; of longer ones every other is dropped. */
const pointsMax = 600;

interface Series extends TestSection {
  /** Every how many windows one is kept. */
  stride: number;
  windows: number;
}

/** The report as a page: the gravest window of each test, and lines of so many points at most. */
export class HtmlSink implements ReportSink {
  readonly #output: Output;
  readonly #pictures = new Map<string, ColumnPicture>();
  readonly #columns = new Map<string, Map<TestName, Series>>();

  constructor(output: Output) {
    this.#output = output;
  }

  pictures(columns: readonly ColumnPicture[]): void {
    for (const picture of columns) this.#pictures.set(picture.column, picture);
  }

  result(result: TestResult): void {
    const ofColumn = this.#columns.get(result.column) ?? new Map<TestName, Series>();
    this.#columns.set(result.column, ofColumn);
    let series = ofColumn.get(result.test);
    if (series === undefined) {
      series = { worst: result, points: [], stride: 1, windows: 0 };
      ofColumn.set(result.test, series);
    } else if (isWorse(result, series.worst)) series.worst = result;
    if (series.windows++ % series.stride !== 0 || result.statistic === null) return;
    const { statistic, critical, verdict, window } = result;
    series.points.push({ to: window.to, statistic, critical, isDrift: verdict === 'drift' });
    if (series.points.length < pointsMax) return;
    series.points = series.points.filter((_, i) => i % 2 === 0);
    series.stride *= 2;
  }

  drain(): Promise<void> {
    return Promise.resolve();
  }

  async end(episodes: readonly Episode[], summary: Summary): Promise<void> {
    const drifted = new Set(summary.drifted);
    const sections = [...this.#columns].map(([column, tests]) => {
      const all = [...tests.values()].sort((a, b) => (isWorse(a.worst, b.worst) ? -1 : 1));
      const verdict = all
        .map(({ worst }): Verdict => worst.verdict)
        .reduce(graver, 'insufficient-data');
      return { column, verdict, picture: this.#pictures.get(column), tests: all };
    });
    const rank = (one: (typeof sections)[number]) =>
      (drifted.has(one.column) ? 10 : 0) + order.indexOf(one.verdict);
    sections.sort((a, b) => rank(b) - rank(a));
    this.#output.write(htmlPage(sections, episodes, summary));
    await this.#output.close();
  }
}

const order: readonly Verdict[] = ['no-reference', 'insufficient-data', 'ok', 'warning', 'drift'];
