import { WeirError } from '../errors.js';
import type { FeatureValue } from '../features/shape.js';
import { scoresGroup } from '../monitors/binning.js';
import { captureReference } from '../monitors/capture-reference.js';
import type { GatheredGroup, GatheredPeriod } from '../monitors/gather.js';
import type { MonitoredFeature } from '../monitors/monitored-feature.js';
import { isWhollyObserved } from '../monitors/observed.js';
import type { Reference } from '../monitors/reference.js';
import { type MonitorPlan, planMonitor } from '../operators/monitor-plan.js';
import type { Clickhouse } from '../sinks/clickhouse/client.js';
import { type Samples, scoreSamples, viewSamples } from './clickhouse-samples.js';
import type { Pipeline } from './pipeline.js';

export interface ClickhouseCapture {
  readonly clickhouse: Clickhouse;
  readonly pipeline: Pipeline;
  /** Name of one of the pipeline's monitors. */
  readonly monitor: string;
  readonly modelVersion: string;
  /** Starts of periods; `toMs` is not among them. */
  readonly fromMs: number;
  readonly toMs: number;
}

interface Observed {
  readonly group: string;
  /** Earliest and latest vector of the table, ms; null where there is none. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

/** A row of `Samples.firsts`. */
type First = { readonly period: number } & Readonly<Record<string, FeatureValue>>;

/**
 * A monitor's reference from the vectors and scores in ClickHouse, an entity's first of each period
 * as the samplers count it. It has no figures of labels and events, which are not among them.
 * @throws WeirError no-reference where a window was not wholly observed, or a period is not over;
 * wrong-use where the times are no starts of periods; clickhouse-failed
 */
export async function captureFromClickhouse(capture: ClickhouseCapture): Promise<Reference> {
  const { clickhouse, pipeline, modelVersion, fromMs, toMs } = capture;
  const definition = pipeline.monitors.find(({ name }) => name === capture.monitor)!; // looked up
  const model = pipeline.models.find(({ name }) => name === definition.model) ?? null;
  const plan = planMonitor(definition, { views: pipeline.views, model, partitions: 1 });
  checkTimes(capture, definition.periodMs);
  const groups = [...new Set(plan.features.map(({ group }) => group))];
  const samples = new Map(groups.map((group) => [group, samplesOf(capture, plan, group)]));
  const observed: Observed[] = [];
  for (const [group, { bounds, params }] of samples) {
    const [found] = await clickhouse.rows<Omit<Observed, 'group'>>(bounds, params);
    observed.push({ group, fromMs: found?.fromMs ?? null, toMs: found?.toMs ?? null });
  }
  checkObserved(capture, plan, observed);
  const periods = await periodsOf(capture, plan, samples, observed);
  const times = [fromMs, toMs].map((ms) => new Date(ms).toISOString()).join(' to ');
  const createdFrom = `ClickHouse, ${times}`;
  return captureReference(plan.definition, plan.features, periods, { modelVersion, createdFrom });
}

function samplesOf(
  { pipeline, modelVersion }: ClickhouseCapture,
  plan: MonitorPlan,
  group: string,
): Samples {
  const features = plan.features.filter((feature) => feature.group === group);
  if (group === scoresGroup) return scoreSamples(plan, features, modelVersion);
  const view = pipeline.views.find(({ name }) => name === group)!; // a group is a view, or scores
  return viewSamples(view.shape, features);
}

function checkTimes({ fromMs, toMs }: ClickhouseCapture, periodMs: number): void {
  for (const [option, ms] of [
    ['--from', fromMs],
    ['--to', toMs],
  ] as const) {
    if (ms % periodMs === 0) continue;
    const nearest = text(Math.round(ms / periodMs) * periodMs);
    const what = `the start of a period of ${periodMs / 3_600_000} h, such as ${nearest}`;
    throw new WeirError('wrong-use', `${option}: expected ${what}; found ${text(ms)}`);
  }
  if (fromMs < toMs) return;
  const found = `${text(fromMs)} and ${text(toMs)}`;
  throw new WeirError('wrong-use', `expected --from before --to; found ${found}`);
}

/** Refuses what the samplers would not have counted. */
function checkObserved(
  { clickhouse, fromMs, toMs, monitor }: ClickhouseCapture,
  { features, definition }: MonitorPlan,
  observed: readonly Observed[],
): void {
  const place = `database ${clickhouse.database} at ${clickhouse.url}`;
  const empty = observed.find((one) => one.fromMs === null);
  if (empty !== undefined) {
    const remedy = 'let the engine write there first, with this definition';
    refuse(`expected rows of ${empty.group} in ${place}; found none; ${remedy}`);
  }
  const firstOf = (feature: MonitoredFeature) =>
    observed.find(({ group }) => group === feature.group)!.fromMs!;
  const unfilled = features.filter((one) => !isWhollyObserved(one, fromMs, firstOf(one)));
  if (unfilled.length > 0) {
    const { periodMs } = definition;
    const filledMs = Math.max(...unfilled.map((one) => firstOf(one) + one.windowMs));
    const earliest = text(Math.ceil(filledMs / periodMs) * periodMs);
    const [one] = unfilled;
    const hours = one!.windowMs / 3_600_000;
    refuse(
      `expected every window of ${monitor} filled by ${text(fromMs)}; found ${unfilled.length} that are not, such as ${one!.name}, which looks back ${hours.toFixed(1)} h and has rows from ${text(firstOf(one!))}; give --from ${earliest} or later`,
    );
  }
  const latestMs = Math.max(...observed.map((one) => one.toMs!));
  if (latestMs >= toMs) return;
  const found = `${text(latestMs)} as the latest`;
  refuse(
    `expected rows at or after ${text(toMs)}, so that the last period is over; found ${found}`,
  );
}

async function periodsOf(
  { clickhouse, monitor, fromMs, toMs }: ClickhouseCapture,
  { definition: { periodMs } }: MonitorPlan,
  samples: ReadonlyMap<string, Samples>,
  observed: readonly Observed[],
): Promise<readonly GatheredPeriod[]> {
  const starts: number[] = [];
  for (let ms = fromMs; ms < toMs; ms += periodMs) starts.push(ms);
  const groups = new Map(starts.map((start) => [start, [] as GatheredGroup[]]));
  for (const [group, { firsts, params }] of samples) {
    const rows = new Map(starts.map((start) => [start, [] as FeatureValue[][]]));
    const range = { ...params, period: periodMs, from: fromMs, to: toMs };
    for await (const chunk of clickhouse.chunks<First>(firsts, range)) {
      for (const { period, ...values } of chunk) {
        rows.get(period * periodMs)?.push(Object.values(values)); // in the order of the columns
      }
    }
    const { fromMs: observedFromMs } = observed.find((one) => one.group === group)!;
    for (const [start, own] of rows) {
      if (own.length === 0) {
        refuse(
          `expected rows of ${group} in every period of ${monitor}; found none in the one from ${text(start)}; give other times`,
        );
      }
      groups.get(start)!.push(gathered(group, start, start + periodMs, own, observedFromMs!));
    }
  }
  return starts.map((start) => {
    const periodEndMs = start + periodMs;
    return { periodStartMs: start, periodEndMs, groups: groups.get(start)! };
  });
}

function gathered(
  group: string,
  periodStartMs: number,
  periodEndMs: number,
  rows: readonly (readonly FeatureValue[])[],
  observedFromMs: number,
): GatheredGroup {
  const uncounted = { referenceId: null, counts: null, sums: [], segments: [], events: [] };
  const n = rows.length;
  const place = { group, periodStartMs, periodEndMs, observedFromMs };
  return { ...place, ...uncounted, n, newestMs: null, rows };
}

function text(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

function refuse(message: string): never {
  throw new WeirError('no-reference', message);
}
