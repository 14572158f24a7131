import { assert } from '../../errors.js';
import type { Kafka } from '../../sinks/kafka/client.js';
import type { ValueReader } from '../../sinks/kafka/value-format.js';
import type { Log } from '../../telemetry/log.js';
import type { LiveSettings } from '../live/live-source.js';
import type { Pipeline } from '../pipeline.js';
import { epochOfLogs } from './epoch.js';
import { FrameCache } from './frame-cache.js';
import type { HeldTask } from './held-task.js';
import { IngestRuntime } from './ingest.js';
import type { TaskKind } from './log-task.js';
import { type Names, refusedStage } from './names.js';
import type { SourceTopic } from './owned-partition.js';
import { TaskRuntime } from './task-runtime.js';
import { topicNeeds } from './topic-needs.js';
import { ensureTopics, partitionCounts, type TopicNeed } from './topics.js';

export interface NamedSource {
  readonly name: string;
  readonly reader: ValueReader;
}

export interface ClusterSettings {
  readonly kafka: Kafka;
  readonly names: Names;
  readonly pipeline: Pipeline;
  /** Of each log. */
  readonly partitions: number;
  readonly replication: number;
  readonly start: 'earliest' | 'latest';
  readonly ingest: LiveSettings;
  readonly snapshotEveryMs: number;
  readonly logsKeepMs: number;
  /** By the pipeline's topic: its name in Kafka and how its values are read. */
  readonly sources: ReadonlyMap<string, NamedSource>;
  /** Topics that this process writes for others, made where they are missing. */
  readonly outputs: readonly TopicNeed[];
  readonly log: Log;
}

/** What a process takes part in. */
export interface Part {
  /** Group of the tasks: `features`, `monitors`. */
  readonly role: string;
  readonly kinds: readonly TaskKind[];
}

/** Topics made or checked, the epoch known: what the parts of a process are started with. */
export interface Prepared {
  readonly epoch: number;
  readonly cache: FrameCache;
}

/**
 * Messages of its log that a task of this process may be behind before ingest waits for it: seconds
 * of work. Scores are read from their topic; what samplers close is added up only once all have.
 */
const behindMax = 20_000;

/** This process's share of a pipeline whose logs are in Kafka: its ingest and its tasks. */
export class Cluster {
  readonly settings: ClusterSettings;
  readonly #cache = new FrameCache(
    () => this.#tasks.some(({ waiting }) => waiting !== ''),
    () => this.#tasks.some(({ next, end }) => end - next > behindMax),
  );
  ingest: IngestRuntime | null = null;
  runtimes: readonly TaskRuntime[] = [];

  constructor(settings: ClusterSettings) {
    this.settings = settings;
  }

  get #tasks(): readonly HeldTask[] {
    return this.runtimes.flatMap(({ tasks }) => tasks);
  }

  /**
   * Makes the topics that are missing, checks the others, and finds the epoch.
   * @throws WeirError kafka-topic-unfit, kafka-failed
   */
  async prepare(): Promise<Prepared> {
    const { kafka, names, pipeline, partitions, replication, outputs } = this.settings;
    const needs = [...topicNeeds(pipeline, names, partitions), ...outputs];
    const created = await ensureTopics(kafka, needs, replication);
    const first = created.has(names.log(pipeline.stages[0]!.name));
    return { epoch: await epochOfLogs(kafka, names.epoch, first), cache: this.#cache };
  }

  /** Begins to run tasks, and to ingest if asked to. */
  async start(parts: readonly Part[], ingests: boolean): Promise<void> {
    const { kafka, names, snapshotEveryMs, logsKeepMs, log } = this.settings;
    this.runtimes = parts.map(
      ({ role, kinds }) =>
        new TaskRuntime({
          kafka,
          groupId: names.group(role),
          kinds,
          snapshotTopic: names.snapshots,
          snapshotEveryMs,
          logsKeepMs,
          log,
        }),
    );
    // Tasks first, so that the frames of this process find them here.
    await Promise.all(this.runtimes.map((runtime) => runtime.start()));
    if (!ingests) return;
    this.ingest = await this.#openIngest();
    await this.ingest.start();
  }

  /** Rejects with what ends this process's share. */
  get failed(): Promise<never> {
    const failures = this.runtimes.map((runtime) => runtime.failed);
    return Promise.race(this.ingest === null ? failures : [...failures, this.ingest.failed]);
  }

  /** Ingest first, so that what is in the logs is drained; then the tasks, with their snapshots. */
  async stop(): Promise<void> {
    await this.ingest?.stop();
    await Promise.all(this.runtimes.map((runtime) => runtime.stop()));
  }

  async #openIngest(): Promise<IngestRuntime> {
    const { kafka, names, pipeline, partitions, start, ingest, sources, log } = this.settings;
    const named = pipeline.topics.map((definition) => {
      const source = sources.get(definition.topic);
      assert(source !== undefined, `topic ${definition.topic} is not told of`);
      return { definition, ...source };
    });
    const counts = await partitionCounts(
      kafka,
      named.map((one) => one.name),
    );
    const topics = named.map((one, index): SourceTopic => {
      return { ...one, index, partitions: counts.get(one.name) ?? 1 };
    });
    const refusedTopic = names.log(refusedStage);
    return new IngestRuntime({
      kafka,
      groupId: names.group('ingest'),
      sources: topics,
      ingest,
      start,
      logs: [...pipeline.stages.map((stage) => names.log(stage.name)), refusedTopic],
      partitions,
      writer: {
        stages: pipeline.stages,
        partitions,
        topicOf: names.log,
        refusedTopic,
        cache: this.#cache,
        ownsTask: (topic, partition) => this.runtimes.some((one) => one.owns(topic, partition)),
      },
      log,
    });
  }
}
