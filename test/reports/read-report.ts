import type {
  ColumnPicture,
  Episode,
  ReportSink,
  Summary,
  TestResult,
} from '../../src/reports/report.js';

/** Keeps all that a report is told. */
export class KeptReport implements ReportSink {
  readonly results: TestResult[] = [];
  readonly shown: ColumnPicture[] = [];
  episodes: readonly Episode[] = [];
  summary: Summary | null = null;

  pictures(columns: readonly ColumnPicture[]): void {
    this.shown.push(...columns);
  }

  result(result: TestResult): void {
    this.results.push(result);
  }

  drain(): Promise<void> {
    return Promise.resolve();
  }

  end(episodes: readonly Episode[], summary: Summary): Promise<void> {
    this.episodes = episodes;
    this.summary = summary;
    return Promise.resolve();
  }

  of(column: string, test?: string): readonly TestResult[] {
    return this.results.filter(
      (one) => one.column === column && (test === undefined || one.test === test),
    );
  }
}
