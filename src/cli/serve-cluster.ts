import type { Config } from '../config/config.js';
import { assert, WeirError } from '../errors.js';
import { createKafka, type Kafka } from '../sinks/kafka/client.js';
import { createRegistry, type Registry } from '../sinks/kafka/registry.js';
import { createValueReader } from '../sinks/kafka/value-format.js';
import { createRedis } from '../sinks/redis/client.js';
import { defaultTtlMs } from '../sinks/redis/default-ttl.js';
import { createRedisSink, type RedisSink } from '../sinks/redis/sink.js';
import {
  clickhouseLetters,
  clickhouseOutput,
  homesOf,
} from '../streams/cluster/clickhouse-output.js';
import { Cluster, type NamedSource } from '../streams/cluster/cluster.js';
import { definitionOf, featureKinds } from '../streams/cluster/feature-kinds.js';
import type { FeatureOutput } from '../streams/cluster/feature-output.js';
import { lettersOutput } from '../streams/cluster/letters-output.js';
import type { TaskKind } from '../streams/cluster/log-task.js';
import { namesOf, refusedStage } from '../streams/cluster/names.js';
import { onlineOutput } from '../streams/cluster/online-output.js';
import { type DeadLetterOutput, RefusedLogTask } from '../streams/cluster/refused-log-task.js';
import { updatesOutput } from '../streams/cluster/updates-output.js';
import type { Pipeline } from '../streams/pipeline.js';
import type { Log } from '../telemetry/log.js';
import { Closing } from './closing.js';
import { type ClusterOutputs, openOutputs, outputNeeds } from './cluster-outputs.js';
import { loadPipeline } from './load-pipeline.js';
import { type StartedClickhouse, startClickhouse } from './start-clickhouse.js';

/** What a signal asks for is given up after so long: the logs have the rest, ms. */
const drainMsMax = 25_000;

interface Sinks {
  readonly clickhouse: StartedClickhouse | null;
  readonly redis: RedisSink | null;
  readonly outputs: ClusterOutputs;
}

/** Runs this process's share of a pipeline over Kafka until SIGINT or SIGTERM. */
export async function serveCluster(settings: Config, log: Log): Promise<void> {
  const { kafka: place } = settings;
  assert(place !== null, 'the logs are in Kafka');
  const pipeline = await loadPipeline(settings.pipeline);
  const closing = new Closing();
  await closing.after(async () => {
    const kafka = createKafka(place, log);
    const registry = settings.registry === null ? null : createRegistry(settings.registry, log);
    if (registry !== null) closing.add(registry);
    const outputs = closing.add(await openOutputs(kafka, place, registry, log));
    const clickhouse = startClickhouse(settings.clickhouse, settings.data, pipeline, log);
    if (clickhouse !== null) closing.add(clickhouse);
    const redis = openRedis(settings, pipeline, closing, log);
    const cluster = await openCluster(
      settings,
      { kafka, registry, pipeline, log },
      {
        clickhouse,
        redis,
        outputs,
      },
    );
    await runUntilSignal(cluster, log);
  });
}

function openRedis(
  { redis }: Config,
  pipeline: Pipeline,
  closing: Closing,
  log: Log,
): RedisSink | null {
  if (redis === null) return null;
  const client = closing.add(createRedis(redis, log));
  const ttlMs = new Map(
    pipeline.views.map((view) => [view.name, redis.ttlMs[view.name] ?? defaultTtlMs(view)]),
  );
  const views = pipeline.views.map((view) => view.shape);
  const onRefused = (_: unknown, key: string, reason: string): void =>
    log.error('a vector could not be written to Redis and was left out', { key, reason });
  return closing.add(createRedisSink(client, { pipeline: pipeline.name, views, ttlMs, onRefused }));
}

interface Base {
  readonly kafka: Kafka;
  readonly registry: Registry | null;
  readonly pipeline: Pipeline;
  readonly log: Log;
}

async function openCluster(settings: Config, base: Base, sinks: Sinks): Promise<Cluster> {
  const { pipeline, kafka, log } = base;
  const { partitions, ingest, snapshots, logs, role } = settings;
  const place = settings.kafka!; // whoever calls has checked it
  const names = namesOf(place.prefix, pipeline.name);
  const cluster = new Cluster({
    kafka,
    names,
    pipeline,
    partitions,
    replication: place.replication,
    start: place.start,
    ingest,
    snapshotEveryMs: snapshots.everyMs,
    logsKeepMs: logs.keepMs,
    sources: sourcesOf(place, base),
    outputs: outputNeeds(place, partitions),
    log,
  });
  const { epoch, cache } = await cluster.prepare([]);
  const features = featureKinds({
    pipeline,
    names,
    partitions,
    epoch,
    latenessMs: ingest.latenessMs,
    disorderMs: ingest.disorderMs,
    probes: [],
    cache,
    outputs: () => featureOutputs(pipeline, sinks),
  });
  const kinds: TaskKind[] = [
    ...features,
    {
      name: refusedStage,
      topic: names.log(refusedStage),
      definition: definitionOf(pipeline, partitions),
      create: () => new RefusedLogTask(pipeline.topics, letterOutputs(sinks)),
    },
  ];
  const runs = (own: Config['role']): boolean => role === 'all' || role === own;
  await cluster.start(runs('features') ? [{ role: 'features', kinds }] : [], runs('ingest'));
  return cluster;
}

function sourcesOf(
  { topics }: NonNullable<Config['kafka']>,
  { pipeline, registry }: Base,
): Map<string, NamedSource> {
  return new Map(
    pipeline.topics.map(({ topic }) => {
      const { name = topic, format = 'json' } = topics[topic] ?? {};
      return [topic, { name, reader: createValueReader(format, registry) }];
    }),
  );
}

function featureOutputs(pipeline: Pipeline, sinks: Sinks): FeatureOutput[] {
  const { clickhouse, redis, outputs } = sinks;
  const used: FeatureOutput[] = [];
  const homes = homesOf(pipeline.stages, pipeline.topics.length);
  if (clickhouse !== null) used.push(clickhouseOutput(clickhouse.sink, homes));
  if (redis !== null) used.push(onlineOutput(redis));
  const updates = outputs.topic('feature-updates');
  if (updates !== null) used.push(updatesOutput(outputs.output, updates.topic, updates.write));
  return used;
}

function letterOutputs({ clickhouse, outputs }: Sinks): DeadLetterOutput[] {
  const used: DeadLetterOutput[] = [];
  if (clickhouse !== null) used.push(clickhouseLetters(clickhouse.sink));
  const letters = outputs.topic('dead-letters');
  if (letters !== null) used.push(lettersOutput(outputs.output, letters.topic, letters.write));
  return used;
}

async function runUntilSignal(cluster: Cluster, log: Log): Promise<void> {
  let signals = 0;
  let hear: () => void = () => undefined;
  const signalled = new Promise<void>((resolve) => {
    hear = resolve;
  });
  const stop = (signal: NodeJS.Signals): void => {
    if (signals++ > 0) process.exit(signal === 'SIGINT' ? 130 : 143);
    log.info('stopping: what was taken is finished and kept; again to stop at once', { signal });
    hear();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    await Promise.race([signalled, cluster.failed]);
    await withDeadline(cluster.stop());
    log.info('stopped; the same command goes on from here');
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

async function withDeadline(stopped: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `stopped without the last snapshots after ${drainMsMax / 1_000} s of waiting for the sinks; nothing is lost: the next start takes the rest from the logs`;
    timer = setTimeout(() => reject(new WeirError('kafka-failed', message)), drainMsMax);
  });
  await Promise.race([stopped, late]).finally(() => clearTimeout(timer));
}
