import { episodeLine, resultLine, summaryLine } from './json-lines.js';
import type { Output } from './output.js';
import type { Episode, ReportSink, Summary, TestResult } from './report.js';

/** The JSON report, a line at a time, as results come. */
export class JsonSink implements ReportSink {
  readonly #output: Output;
  readonly #withTimes: boolean;

  constructor(output: Output, withTimes: boolean) {
    this.#output = output;
    this.#withTimes = withTimes;
  }

  pictures(): void {}

  result(result: TestResult): void {
    this.#output.write(`${resultLine(result)}\n`);
  }

  drain(): Promise<void> {
    return this.#output.drain();
  }

  async end(episodes: readonly Episode[], summary: Summary): Promise<void> {
    for (const episode of episodes)
      this.#output.write(`${episodeLine(episode, this.#withTimes)}\n`);
    this.#output.write(`${summaryLine(summary)}\n`);
    await this.#output.close();
  }
}
