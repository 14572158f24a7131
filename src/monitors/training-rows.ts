import type { Advice } from './strategy.js';

/** Where the rows to train on lie. */
export interface TrainingRows {
  readonly fromMs: number;
  readonly toMs: number;
  /** A ClickHouse query that yields them. */
  readonly query: string;
}

/** Weights of the strategy `weighted` halve so many times over the window. */
const halvings = 4;

/**
 * The rows that a strategy takes, up to `toMs`: of `sliding-window` and `weighted` those of the
 * last `months` calendar months, the latter with a `weight` that halves four times over them; of
 * `full` all.
 */
export function trainingRows(
  model: string,
  toMs: number,
  months: number,
  strategy: Advice['strategy'] = 'sliding-window',
): TrainingRows {
  const fromMs = strategy === 'full' ? 0 : monthsBefore(toMs, months);
  const scored = `model = ${sqlText(model)}`;
  const before = `time < ${sqlTime(toMs)}`;
  const window = strategy === 'full' ? before : `time >= ${sqlTime(fromMs)} AND ${before}`;
  const half = Math.round((toMs - fromMs) / 1_000 / halvings);
  const weight = `exp2(-dateDiff('second', time, ${sqlTime(toMs)}) / ${half}) AS weight`;
  const columns = strategy === 'weighted' ? `*, ${weight}` : '*';
  const query = `SELECT ${columns} FROM scores FINAL WHERE ${scored} AND ${window} ORDER BY time, request_id`;
  return { fromMs, toMs, query };
}
/** So many calendar months before, UTC; the month's last day where it is shorter. */
function monthsBefore(timeMs: number, months: number): number {
  const time = new Date(timeMs);
  const day = time.getUTCDate();
  time.setUTCDate(1);
  time.setUTCMonth(time.getUTCMonth() - months);
  const days = new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + 1, 0)).getUTCDate();
  time.setUTCDate(Math.min(day, days));
  return time.getTime();
}

function sqlText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function sqlTime(timeMs: number): string {
  return `parseDateTime64BestEffort('${new Date(timeMs).toISOString()}', 3)`;
}
