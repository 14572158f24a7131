import type { Advice } from './strategy.js';

/** Where the rows to train on lie. */
export interface TrainingRows {
  readonly fromMs: number;
  readonly toMs: number;
  /** A ClickHouse query that yields them; empty where the pipeline does not have the model. */
  readonly query: string;
}

/** What is known in ClickHouse of a model's scores and their events; SQL, all names quoted. */
export interface TrainingTables {
  /** Tables, with their database. */
  readonly scores: string;
  readonly events: string;
  /** Which rows of the scores are meant. */
  readonly scored: string;
  /** Columns of the events that hold the keys of the model's first and second view. */
  readonly key: string;
  readonly item: string;
  /** What the model was given, as selected from the scores. */
  readonly inputs: readonly string[];
  /** Null where nothing says what became of an event. */
  readonly label: TrainingLabel | null;
}

export interface TrainingLabel {
  /** What `where` reads, as selected from the events. */
  readonly columns: readonly string[];
  /** Which events are outcomes. */
  readonly where: string;
  /** How long after the scored event an outcome counts, ms. */
  readonly horizonMs: number;
}

/** Weights of the strategy `weighted` halve so many times over the window. */
const halvings = 4;

/**
 * The rows that a strategy takes, up to `toMs`: of `sliding-window` and `weighted` those of the
 * last `months` calendar months, the latter with a `weight` that halves four times over them; of
 * `full` all. A row is a scored event with its inputs and its label, which is known by `toMs`: that
 * of an event younger than the horizon is not, and its row is left out.
 */
export function trainingRows(
  tables: TrainingTables | null,
  toMs: number,
  months: number,
  strategy: Advice['strategy'] = 'sliding-window',
): TrainingRows {
  const fromMs = strategy === 'full' ? 0 : monthsBefore(toMs, months);
  if (tables === null) return { fromMs, toMs, query: '' };
  const { label, inputs } = tables;
  const columns = ['s.request_id AS request_id', 's.time AS time', 's.version AS version'];
  columns.push('s.key AS `key`', 's.item AS item');
  if (label !== null) columns.push(`${isPositive(label)} AS label`);
  if (strategy === 'weighted') {
    const half = Math.round((toMs - fromMs) / 1_000 / halvings);
    columns.push(`exp2(-dateDiff('second', s.time, ${sqlTime(toMs)}) / ${half}) AS weight`);
  }
  const query = [
    `SELECT ${[...columns, ...inputs].join(',\n  ')}`,
    `FROM (\n${scoredEvents(tables, fromMs, toMs - (label?.horizonMs ?? 0))}\n) AS s`,
    ...(label === null ? [] : [nextOutcome(tables, label, fromMs, toMs)]),
    'ORDER BY time, request_id',
  ].join('\n');
  return { fromMs, toMs, query };
}

/**
 * One row per scored event, of the newest epoch that scored it (a rebuild scores anew, perhaps by
 * another version), with the item that its event names. Its coordinates are its request's id.
 */
function scoredEvents(tables: TrainingTables, fromMs: number, toMs: number): string {
  const { scores, events, scored, key, item } = tables;
  const request = "concat(r.topic, '/', toString(r.partition), '/', toString(r.offset))";
  return `  SELECT c.request_id AS request_id, c.time AS time, c.version AS version, c.key AS \`key\`,
    c.inputs AS inputs, e.item AS item
  FROM (
    SELECT * FROM ${scores} FINAL
    WHERE ${scored} AND ${inRange('time', fromMs, toMs)}
    ORDER BY epoch DESC, position DESC LIMIT 1 BY time, request_id, key
  ) AS c
  INNER JOIN (
    SELECT ${request} AS request_id, r.time AS time, r.${key} AS \`key\`, ifNull(r.${item}, '') AS item
    FROM ${events} AS r FINAL WHERE ${inRange('r.time', fromMs, toMs)}
  ) AS e ON c.request_id = e.request_id AND c.time = e.time AND c.key = e.key`;
}

/** Joins the first outcome of the same two keys after the event; an earlier one would not count. */
function nextOutcome(tables: TrainingTables, label: TrainingLabel, fromMs: number, toMs: number) {
  const { events, key, item } = tables;
  const columns = [`r.${key} AS \`key\``, `ifNull(r.${item}, '') AS item`, 'r.time AS time'];
  columns.push('toUnixTimestamp64Milli(r.time) AS t', ...label.columns);
  return `ASOF LEFT JOIN (
  SELECT \`key\`, item, time FROM (
    SELECT ${columns.join(', ')}
    FROM ${events} AS r FINAL WHERE ${inRange('r.time', fromMs, toMs)}
  ) WHERE ${label.where}
) AS o ON s.key = o.key AND s.item = o.item AND s.time < o.time`;
}

/** Without an outcome its time is null, or 1970 by the settings of ClickHouse. */
function isPositive({ horizonMs }: TrainingLabel): string {
  const isWithin = `o.time > s.time AND o.time <= s.time + INTERVAL ${horizonMs} MILLISECOND`;
  return `toUInt8(ifNull(${isWithin}, 0))`;
}

function inRange(column: string, fromMs: number, toMs: number): string {
  return `${column} >= ${sqlTime(fromMs)} AND ${column} < ${sqlTime(toMs)}`;
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

function sqlTime(timeMs: number): string {
  return `parseDateTime64BestEffort('${new Date(timeMs).toISOString()}', 3, 'UTC')`;
}
