import { lastValueFrom, map, pipe } from 'rxjs';
import { wanted } from '../../src/features/view-state.js';
import { dayOf } from '../../src/generate/day-of.js';
import type { GeneratedRecord } from '../../src/generate/generated-record.js';
import { dayMs } from '../../src/generate/options.js';
import { sourcesOf } from '../../src/generate/records-from.js';
import type { World } from '../../src/generate/world.js';
import type { Check } from '../../src/monitors/check.js';
import type { Emission } from '../../src/monitors/emission.js';
import type { Reference } from '../../src/monitors/reference.js';
import { pulled } from '../../src/operators/pull.js';
import type { Step } from '../../src/operators/step.js';
import type { Batch } from '../../src/records/batch.js';
import { Graph } from '../../src/streams/graph.js';
import {
  BatchBuilder,
  defaultIngestSettings,
  type IngestPosition,
  positionAfter,
  startPosition,
} from '../../src/streams/ingest/batch-builder.js';
import type { LoadedModels } from '../../src/streams/load-models.js';
import type { Pipeline } from '../../src/streams/pipeline.js';

/** How generated days are sent through a pipeline. */
export interface RunSettings {
  readonly pipeline: Pipeline;
  readonly loaded: LoadedModels;
  readonly capturePeriods?: number;
  readonly partitions?: number;
  readonly batchRecords?: number;
  readonly onStep?: (step: Step) => void;
}

/** Days of a world on their way through a graph in this process; no files, no logs. */
export interface WorldRun {
  readonly settings: RunSettings;
  readonly graph: Graph;
  position: IngestPosition;
  readonly checks: Check[];
  readonly emissions: Emission[];
  readonly captured: Reference[];
}

/** Where a run stood: all that is needed to go on from there, more than once. */
export interface WorldRunSnapshot {
  readonly position: IngestPosition;
  readonly parts: ReadonlyMap<string, Uint8Array>;
  readonly checks: readonly Check[];
  readonly emissions: readonly Emission[];
  readonly captured: readonly Reference[];
}

export function createWorldRun(settings: RunSettings): WorldRun {
  const { pipeline, loaded, capturePeriods = null, partitions = 4 } = settings;
  const graph = new Graph(pipeline, {
    ...loaded,
    epoch: 0,
    partitions,
    latenessMs: defaultIngestSettings.latenessMs,
    wanted: wanted.before,
    capturePeriods,
  });
  return { settings, graph, position: startPosition, checks: [], emissions: [], captured: [] };
}

export function snapshotWorldRun(run: WorldRun): WorldRunSnapshot {
  const parts = new Map(
    [...run.graph.dump()].map(([name, chunks]) => [name, new Uint8Array(Buffer.concat(chunks))]),
  );
  const { position } = run;
  return {
    position: { ...position, cursors: position.cursors.map((one) => ({ ...one })) },
    parts,
    checks: [...run.checks],
    emissions: [...run.emissions],
    captured: [...run.captured],
  };
}

/** A run that goes on where the snapshot was taken. */
export function resumeWorldRun(settings: RunSettings, from: WorldRunSnapshot): WorldRun {
  const run = createWorldRun(settings);
  run.graph.restore(from.parts);
  run.position = from.position;
  run.checks.push(...from.checks);
  run.emissions.push(...from.emissions);
  run.captured.push(...from.captured);
  return run;
}

/** Sends the days `[fromDay, toDay)` of a world through the graph; the last one may stay open. */
export async function runDays(
  run: WorldRun,
  world: World,
  fromDay: number,
  toDay: number,
): Promise<void> {
  const builder = openBuilder(run, world);
  const records = recordsOf(world, fromDay, toDay);
  const { topics } = run.settings.pipeline;
  await send(run, builder, () => {
    while (!builder.isFull) {
      const { value, done } = records.next();
      if (done === true) return builder.count > 0;
      const topic = topics.findIndex((one) => one.topic === value.topic);
      if (topic < 0) continue;
      builder.nowMs = value.arrivalMs;
      builder.add(topic, value.partition, value.offset, value.line);
    }
    return true;
  });
}

/** Lets the clock close the days before `day`, as on a stream that has gone quiet. */
export async function closeDays(run: WorldRun, world: World, day: number): Promise<void> {
  const builder = openBuilder(run, world);
  builder.nowMs = world.options.startMs + day * dayMs + defaultIngestSettings.disorderMs;
  for (const { topic, partition } of sourcesRead(run, world)) {
    builder.setIdle(topic, partition, true);
  }
  builder.riseByClock();
  await send(run, builder, () => builder.ticked);
}

/** With every partition known from the start, as it is to a source that reads them. */
function openBuilder(run: WorldRun, world: World): BatchBuilder {
  const { pipeline, batchRecords } = run.settings;
  const { topics } = pipeline;
  const settings = batchRecords === undefined ? {} : { batchRecords };
  const builder = new BatchBuilder(topics, world.options.startMs, settings, run.position);
  for (const { topic, partition } of sourcesRead(run, world)) builder.open(topic, partition);
  return builder;
}

/** The partitions of the topics that the pipeline has, by index of the topic. */
function sourcesRead({ settings }: WorldRun, world: World) {
  return sourcesOf(world).flatMap(({ topic, partition }) => {
    const index = settings.pipeline.topics.findIndex((one) => one.topic === topic);
    return index < 0 ? [] : [{ topic: index, partition }];
  });
}

/** @param fill puts records into the builder; false where there are none left */
async function send(run: WorldRun, builder: BatchBuilder, fill: () => boolean): Promise<void> {
  const next = async (): Promise<Batch | null> => {
    if (!fill()) return null;
    const batch = builder.take();
    run.position = positionAfter(batch);
    return batch;
  };
  const flow = pipe(
    map((batch: Batch) => run.graph.route(batch)),
    run.graph.operators((step) => {
      run.checks.push(...step.checks);
      run.emissions.push(...step.emissions);
      run.captured.push(...step.captured);
      run.settings.onStep?.(step);
    }),
  );
  await lastValueFrom(pulled(next, flow), { defaultValue: null });
}

function* recordsOf(world: World, fromDay: number, toDay: number): Generator<GeneratedRecord> {
  for (let day = fromDay; day < toDay; day++) yield* dayOf(world, day);
}
