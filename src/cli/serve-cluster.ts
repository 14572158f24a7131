import type { Config } from '../config/config.js';
import { assert, WeirError } from '../errors.js';
import { toAlertRecord } from '../monitors/drift-alert-record.js';
import { logEmissions } from '../monitors/log-emissions.js';
import { toRetrainingRecord } from '../monitors/retraining-record.js';
import { probeOf } from '../operators/scoring-task.js';
import { ClusterFeed } from '../server/cluster-feed.js';
import { createKafka, type Kafka } from '../sinks/kafka/client.js';
import { createRegistry, type Registry } from '../sinks/kafka/registry.js';
import { createValueReader } from '../sinks/kafka/value-format.js';
import type { RedisSink } from '../sinks/redis/sink.js';
import {
  clickhouseLetters,
  clickhouseOutput,
  homesOf,
} from '../streams/cluster/clickhouse-output.js';
import { Cluster, type NamedSource, type Part } from '../streams/cluster/cluster.js';
import { featureKinds } from '../streams/cluster/feature-kinds.js';
import type { FeatureOutput } from '../streams/cluster/feature-output.js';
import { lettersOutput } from '../streams/cluster/letters-output.js';
import type { TaskKind } from '../streams/cluster/log-task.js';
import { ModelParts } from '../streams/cluster/model-parts.js';
import { namesOf, refusedStage } from '../streams/cluster/names.js';
import { onlineOutput } from '../streams/cluster/online-output.js';
import { patiently } from '../streams/cluster/patiently.js';
import { type DeadLetterOutput, RefusedLogTask } from '../streams/cluster/refused-log-task.js';
import { updatesOutput } from '../streams/cluster/updates-output.js';
import { loadModels } from '../streams/load-models.js';
import { definitionOf, type Pipeline } from '../streams/pipeline.js';
import { openDataDirectory } from '../streams/storage/data-directory.js';
import type { Log } from '../telemetry/log.js';
import { createMetrics, type Metrics } from '../telemetry/metrics.js';
import { Closing } from './closing.js';
import { serveClusterHttp } from './cluster-http.js';
import { type ClusterOutputs, openOutputs, outputNeeds } from './cluster-outputs.js';
import { loadPipeline } from './load-pipeline.js';
import { openClusterWebhook } from './open-cluster-webhook.js';
import { openRedis } from './open-redis.js';
import { type StartedClickhouse, startClickhouse } from './start-clickhouse.js';

/** What a signal asks for is given up after so long: the logs have the rest, ms. */
const drainMsMax = 25_000;
const exitMsMax = 5_000;

const never = new Promise<never>(() => undefined);

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
  const opened = closing.after(async () => {
    const { mode } = settings.clickhouse;
    // An embedded ClickHouse has its directory to itself.
    if (mode !== 'server' && mode !== 'off') closing.add(openDataDirectory(settings.data));
    const kafka = createKafka(place, log);
    const registry = settings.registry === null ? null : createRegistry(settings.registry, log);
    if (registry !== null) closing.add(registry);
    const metrics = createMetrics();
    const feed = new ClusterFeed(metrics);
    const { meters } = feed;
    const outputs = closing.add(await openOutputs(kafka, place, registry, log, meters.kafka));
    const { clickhouse: chosen, data } = settings;
    const clickhouse = startClickhouse(chosen, data, pipeline, log, meters.clickhouse);
    if (clickhouse !== null) closing.add(clickhouse);
    const redisMeters = { onWritten: meters.readable, onAnswered: meters.redis };
    const redis = openRedis(settings, pipeline, closing, log, redisMeters);
    const base = { kafka, registry, pipeline, closing, metrics, feed, log };
    const cluster = await openCluster(settings, base, { clickhouse, redis, outputs });
    const clickhouseFailed = clickhouse?.ready.then(() => never) ?? never;
    await runUntilSignal(cluster, clickhouseFailed, log);
  });
  await opened.catch((error) => {
    throw isOfKafka(error) ? notReached(error) : error;
  });
}

function isOfKafka(error: unknown): error is Error {
  return error instanceof Error && error.name.startsWith('KafkaJS');
}

function notReached(cause: Error): WeirError {
  const message = `Kafka: ${cause.message}; look at the section kafka of the configuration, and run weir doctor`;
  return new WeirError('kafka-failed', message, { cause });
}

interface Base {
  readonly kafka: Kafka;
  readonly registry: Registry | null;
  readonly pipeline: Pipeline;
  readonly closing: Closing;
  readonly metrics: Metrics;
  readonly feed: ClusterFeed;
  readonly log: Log;
}

async function openCluster(settings: Config, base: Base, sinks: Sinks): Promise<Cluster> {
  const { pipeline, kafka, closing, feed, log } = base;
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
  const watched = { ...base, sinks: { ...sinks, output: sinks.outputs.output } };
  closing.add(await serveClusterHttp(settings, cluster, watched, log));
  const prepared = await patiently(
    () => cluster.prepare(),
    () => true,
    log,
  );
  const { epoch, cache } = prepared!; // it is wanted to the end
  const models = await modelParts(settings, base, sinks, epoch);
  feed.monitors = models?.monitors ?? [];
  feed.registry = models?.registry ?? null;
  const features = featureKinds({
    pipeline,
    names,
    partitions,
    epoch,
    latenessMs: ingest.latenessMs,
    disorderMs: ingest.disorderMs,
    probes: models === null ? [] : pipeline.models.map(probeOf),
    cache,
    outputs: (stage, partition) => [
      ...featureOutputs(pipeline, sinks),
      feed.output,
      ...(models?.featureOutputs(stage, partition) ?? []),
    ],
  });
  const refused: TaskKind = {
    name: refusedStage,
    topic: names.log(refusedStage),
    definition: definitionOf(pipeline, partitions),
    create: () => new RefusedLogTask(pipeline.topics, letterOutputs(sinks)),
  };
  const runs = (own: Config['role']): boolean => role === 'all' || role === own;
  const parts: Part[] = [];
  if (runs('features')) {
    const kinds = [...features, refused, ...(models?.scoringKinds() ?? [])];
    parts.push({ role: 'features', kinds });
  }
  if (runs('monitors') && models !== null)
    parts.push({ role: 'monitors', kinds: [models.monitorKind()] });
  await cluster.start(parts, runs('ingest'));
  if (runs('monitors') && models !== null) await openClusterWebhook(settings, base, names);
  return cluster;
}

/** Null where the pipeline has no model, or its scores are not written. */
async function modelParts(
  settings: Config,
  { kafka, pipeline, registry, feed, log }: Base,
  { clickhouse, outputs }: Sinks,
  epoch: number,
): Promise<ModelParts | null> {
  const place = settings.kafka!; // whoever calls has checked it
  const scores = outputs.topic('scores');
  const alerts = outputs.topic('drift-alerts');
  const retraining = outputs.topic('retraining-events');
  if (pipeline.models.length === 0 || scores === null) return null;
  const names = namesOf(place.prefix, pipeline.name);
  return new ModelParts({
    kafka,
    pipeline,
    loaded: await loadModels(pipeline),
    names,
    partitions: settings.partitions,
    epoch,
    database: settings.clickhouse.database,
    output: outputs.output,
    sink: clickhouse?.sink ?? null,
    scores: { ...scores, reader: createValueReader(place.outputs.scores.format, registry) },
    alerts: {
      topic: place.outputs['drift-alerts'].name,
      retrainingTopic: place.outputs['retraining-events'].name,
    },
    encode: (emission) =>
      emission.kind === 'alert'
        ? (alerts?.write ?? plain)(toAlertRecord(emission))
        : (retraining?.write ?? plain)(toRetrainingRecord(emission)),
    observer: {
      ...feed.observer,
      told: (emissions) => logEmissions(log, emissions),
      unfit: (error) => log.warn('a reference is not used', { error }),
      modelMissing: ({ message }) => log.error('the former model goes on', { why: message }),
    },
  });
}

function plain(record: object): Buffer {
  return Buffer.from(JSON.stringify(record));
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

async function runUntilSignal(cluster: Cluster, failed: Promise<never>, log: Log): Promise<void> {
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
    await Promise.race([signalled, cluster.failed, failed]);
    await withDeadline(cluster.stop());
    log.info('stopped; the same command goes on from here');
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    // What still waits for a server that does not answer holds nothing that is not in the logs.
    setTimeout(() => process.exit(), exitMsMax).unref();
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
