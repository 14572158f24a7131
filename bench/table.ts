import { type Measurement, median } from './measurement.js';

export interface Row {
  readonly name: string;
  readonly title: string;
  readonly rounds: readonly Measurement[];
}

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const perEvent = (value: number): string => value.toFixed(2);

function cellsOf({ title, rounds }: Row): string[] {
  const { events, keys, stateBytes } = rounds[0]!;
  const seconds = median(rounds.map((round) => round.seconds));
  const cpuSeconds = median(rounds.map((round) => round.cpuSeconds));
  return [
    title,
    whole(events),
    whole(events / seconds),
    perEvent((seconds / events) * 1e6),
    perEvent((cpuSeconds / events) * 1e6),
    keys === 0 ? '' : whole(keys),
    keys === 0 ? '' : whole(stateBytes / keys),
  ];
}

/** The results as a Markdown table: medians over the rounds. */
export function tableOf(rows: readonly Row[]): string {
  const heads = ['case', 'events', 'events/s', 'µs/event', 'CPU µs/event', 'keys', 'state B/key'];
  const cells = rows.map(cellsOf);
  const all = [heads, ...cells];
  const widths = heads.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(heads), rule, ...cells.map(line)].join('\n');
}
