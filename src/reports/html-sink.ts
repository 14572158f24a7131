import type { Output } from './output.js';
import type { ReportSink } from './report.js';
import { TextSink } from './text-sink.js';

export class HtmlSink extends TextSink implements ReportSink {
  constructor(output: Output) {
    super(output);
  }
}
