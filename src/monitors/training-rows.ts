/** Where the rows to train on lie. */
export interface TrainingRows {
  readonly fromMs: number;
  readonly toMs: number;
  /** A ClickHouse query that yields them. */
  readonly query: string;
}

/** The sliding window that is advised: the last `months` calendar months up to `toMs`. */
export function trainingRows(model: string, toMs: number, months: number): TrainingRows {
  const fromMs = monthsBefore(toMs, months);
  const scored = `model = ${sqlText(model)}`;
  const window = `time >= ${sqlTime(fromMs)} AND time < ${sqlTime(toMs)}`;
  const query = `SELECT * FROM scores FINAL WHERE ${scored} AND ${window} ORDER BY time, request_id`;
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
