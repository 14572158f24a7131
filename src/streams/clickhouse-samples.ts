import type { ViewShape } from '../features/shape.js';
import type { MonitoredFeature } from '../monitors/monitored-feature.js';
import type { MonitorPlan } from '../operators/monitor-plan.js';
import type { QueryParams } from '../sinks/clickhouse/client.js';
import { quoteText } from '../sinks/clickhouse/quote.js';
import { vectorTable } from '../sinks/clickhouse/vector-table.js';

/** How the samples of one group are read. */
export interface Samples {
  /** One row: `fromMs` and `toMs`, earliest and latest of the group, null where there is none. */
  readonly bounds: string;
  /**
   * A row for each entity and period between the parameters `from` and `to`: `period`, its number
   * in periods of the parameter `period`, then `v0`, `v1`, … as the features are.
   */
  readonly firsts: string;
  readonly params: QueryParams;
}

/** The vectors of a view with this definition. */
export function viewSamples(view: ViewShape, features: readonly MonitoredFeature[]): Samples {
  const source = `\`${vectorTable(view).name}\` FINAL WHERE definition = {definition:String}`;
  const values = features.map(({ column }) => {
    const { name, type } = view.features[column]!;
    if (type === 'time') return `toUnixTimestamp64Milli(\`${name}\`)`;
    return type === 'text' ? `CAST(\`${name}\` AS Nullable(String))` : `\`${name}\``;
  });
  // An event is never later than what its key has seen: parts of later months are not read.
  const range = `${inRange('as_of')} AND time < ${instant('to')}`;
  return {
    bounds: `SELECT ${bound('min', 'as_of')} AS fromMs, ${bound('max', 'as_of')} AS toMs FROM ${source}`,
    firsts: firstsSql(`SELECT *, as_of AS at FROM ${source} AND ${range}`, values),
    params: { definition: view.hash },
  };
}

/** The scores of a model: bounds are those of all its versions, as windows go on over them. */
export function scoreSamples(
  plan: MonitorPlan,
  features: readonly MonitoredFeature[],
  version: string,
): Samples {
  const source = 'scores FINAL WHERE model = {model:String}';
  const values = features.map(({ column, values: kind }) => {
    if (column === 0) return 'score';
    const name = quoteText(plan.scoreInputs[column - 1]!);
    const [inputs, type] = kind === 'numeric' ? ['inputs', 'Float64'] : ['text_inputs', 'String'];
    return `if(mapContains(${inputs}, ${name}), CAST(${inputs}[${name}] AS Nullable(${type})), NULL)`;
  });
  // After a rebuild an event's score stands in both epochs.
  const newest = `SELECT *, time AS at FROM ${source} AND version = {version:String} AND ${inRange('time')}
ORDER BY epoch DESC LIMIT 1 BY time, request_id, key, arm`;
  return {
    bounds: `SELECT ${bound('min', 'time')} AS fromMs, ${bound('max', 'time')} AS toMs FROM ${source}`,
    firsts: firstsSql(newest, values),
    params: { model: plan.definition.model, version },
  };
}

/** The first of each key and period, by its place in the log. */
function firstsSql(rows: string, values: readonly string[]): string {
  const named = values.map((_, i) => `tupleElement(first, ${i + 1}) AS v${i}`);
  return `SELECT period, ${named.join(', ')} FROM (
SELECT key, intDiv(toUnixTimestamp64Milli(at), {period:Int64}) AS period,
argMin(tuple(${values.join(', ')}), tuple(epoch, position)) AS first
FROM (${rows}) GROUP BY key, period)`;
}

function bound(fn: 'min' | 'max', column: string): string {
  return `if(count() = 0, NULL, toUnixTimestamp64Milli(${fn}(${column})))`;
}

function inRange(column: string): string {
  return `${column} >= ${instant('from')} AND ${column} < ${instant('to')}`;
}

function instant(parameter: string): string {
  return `fromUnixTimestamp64Milli({${parameter}:Int64}, 'UTC')`;
}
