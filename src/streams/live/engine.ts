import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { concatMap, lastValueFrom, map, pipe, tap } from 'rxjs';
import { wanted } from '../../features/view-state.js';
import { logEmissions } from '../../monitors/log-emissions.js';
import { pulled } from '../../operators/pull.js';
import type { Step } from '../../operators/step.js';
import type { Batch } from '../../records/batch.js';
import type { Score } from '../../records/score.js';
import type { ClickhouseSink } from '../../sinks/clickhouse/sink.js';
import type { RedisSink } from '../../sinks/redis/sink.js';
import { webhookMessage } from '../../sinks/webhook/message.js';
import type { PendingMessage, WebhookOutbox } from '../../sinks/webhook/outbox.js';
import type { Log } from '../../telemetry/log.js';
import { Checkpoints } from '../checkpoint.js';
import { deadLettersOf } from '../dead-letters.js';
import { appendToLogs, Graph } from '../graph.js';
import { type IngestPosition, startPosition } from '../ingest/batch-builder.js';
import { LevelsAhead } from '../levels-ahead.js';
import type { LoadedModels } from '../load-models.js';
import { LogSet } from '../log-set.js';
import { definitionOf, type Pipeline } from '../pipeline.js';
import { rowReader } from '../row-reader.js';
import { alertRow, checkRow, retrainingRows } from './clickhouse-rows.js';
import { DriftHistory } from './drift-history.js';
import { formerRecords } from './former-records.js';
import { type FeedRecord, type LiveSettings, LiveSource } from './live-source.js';
import { OnlineStore } from './online-store.js';
import { Latencies, Rate } from './rates.js';
import { epochOf, finishPreparing, finishRebuild, isRebuilding, nameTopics } from './rebuild.js';
import { type Mark, retain } from './retention.js';
import { snapshotsOf } from './versions-in-use.js';

export interface EngineSettings {
  readonly pipeline: Pipeline;
  readonly directory: string;
  readonly partitions: number;
  readonly ingest: LiveSettings;
  readonly snapshotEveryMs: number;
  readonly logsKeepMs: number;
  readonly logsKeepBytes: number;
  readonly models: LoadedModels;
  readonly capturePeriods: number | null;
  readonly database?: string;
  /** Records from the next offset of each source partition on. */
  readonly feed: (nextOffset: NextOffset) => Iterable<FeedRecord>;
  readonly log: Log;
  /** The clock of the source and of reading, ms; the system's by default. */
  readonly clock?: () => number;
}

/** The offset to go on with; 0 where nothing of the partition was taken. */
export type NextOffset = (topic: string, partition: number) => number;

/** What a batch made, for those who listen. */
export interface EngineOutput {
  readonly step: Step;
  /** Keys whose latest vectors changed, by view. */
  readonly changed: ReadonlyMap<string, ReadonlySet<string | number>>;
  readonly scores: readonly Score[];
  /** From the batch being taken to its scores being written, ms; null while catching up. */
  readonly latencyMs: number | null;
}

export interface SnapshotFacts {
  readonly atMs: number;
  /** Time to write it, sinks flushed first; null for one that was there at the start. */
  readonly seconds: number | null;
  readonly bytes: number | null;
}

/** The running engine: source, logs, graph, online store and sinks, in one process. */
export class Engine {
  readonly settings: EngineSettings;
  readonly graph: Graph;
  readonly epoch: number;
  readonly store: OnlineStore;
  readonly history = new DriftHistory();
  readonly records = new Rate();
  readonly scored = new Rate();
  readonly scoreLatencies = new Latencies();
  position: IngestPosition = startPosition;
  /** Told of each batch, those that a recovery takes again included. */
  readonly listeners = new Set<(output: EngineOutput) => void>();
  readonly snapshotListeners = new Set<(snapshot: SnapshotFacts) => void>();
  /** Set once the tables are there; until then the engine waits at its first batch. */
  sink: ClickhouseSink | null = null;
  /** Where services read latest vectors, beside this process; null for here only. */
  online: RedisSink | null = null;
  /** Where alerts are posted. */
  #webhook: WebhookOutbox | null = null;
  /** What the snapshot says waits for it. */
  #unposted: readonly PendingMessage[] = [];
  source: LiveSource | null = null;
  /** Of the last snapshot; null before the first. */
  snapshot: SnapshotFacts | null = null;
  readonly clock: () => number;
  readonly #levels = new LevelsAhead();
  readonly #logs: LogSet;
  readonly #checkpoints: Checkpoints;
  #marks: Mark[] = [];
  #nextSnapshotMs = 0;
  #underWay: Promise<void> = Promise.resolve();
  /** What ended a snapshot that was written while batches went on. */
  #failure: { readonly error: unknown } | null = null;
  /** Whether logs stand aside that a reset left to be taken again. */
  #rebuilding: boolean;
  /** Whether the feed has passed them. */
  #formerTaken = false;
  #stopping = false;
  #live = false;

  /**
   * Takes up the state that an open data directory holds.
   * @throws WeirError definition-changed, snapshot-corrupt, segment-corrupt
   */
  constructor(settings: EngineSettings) {
    const { pipeline, directory, partitions } = settings;
    this.settings = settings;
    this.clock = settings.clock ?? Date.now;
    finishPreparing(directory);
    this.#rebuilding = isRebuilding(directory);
    this.epoch = epochOf(directory);
    this.graph = new Graph(pipeline, {
      ...settings.models,
      epoch: this.epoch,
      partitions,
      latenessMs: settings.ingest.latenessMs,
      wanted: wanted.before,
      capturePeriods: settings.capturePeriods,
      ...(settings.database !== undefined && { database: settings.database }),
      onUnfit: (error) => settings.log.warn('a reference is not used', { error }),
    });
    this.store = new OnlineStore(this.graph.tasks, partitions, this.epoch);
    const definition = definitionOf(pipeline, partitions);
    this.#checkpoints = new Checkpoints(snapshotsOf(directory), definition);
    this.#restore();
    this.#levels.prepare(this.graph.monitors);
    const topics = pipeline.topics.map((topic) => topic.topic);
    // Only now: another definition's names are needed to read its logs.
    nameTopics(directory, topics);
    this.#logs = new LogSet(join(directory, 'logs'), pipeline.stages, partitions);
  }

  get logBytes(): number {
    return this.#logs.bytes;
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  /** True until the logs that a reset left are taken again; no lines can be posted meanwhile. */
  get rebuilding(): boolean {
    return this.#rebuilding;
  }

  /** Posts alerts from now on, first what waited when the snapshot was taken. */
  useWebhook(outbox: WebhookOutbox): void {
    this.#webhook = outbox;
    outbox.restore(this.#unposted);
    this.#unposted = [];
  }

  /** Says something to monitors; false where it will not be heard. */
  async say(command: string): Promise<boolean> {
    return (await this.source?.say(command)) ?? false;
  }

  /** Takes the batches that the logs have beyond the snapshot; then `run` goes on. */
  async recover(): Promise<void> {
    const { log, pipeline } = this.settings;
    await this.graph.useKeptModels();
    const from = this.position.batch;
    const logged = this.#logs.read(from - 1, rowReader(pipeline.topics));
    const next = async () => {
      await nextTurn(); // or a server in the same thread would not answer
      if (this.#stopping) return null;
      const { done, value } = logged.next();
      return done ? null : value;
    };
    const flow = pipe(
      map((batch: Batch) => this.graph.route(batch, true)),
      this.graph.operators((step) => this.#deliver(step), this.#logs.scores),
    );
    await lastValueFrom(pulled(next, flow), { defaultValue: null });
    const batches = this.position.batch - from;
    if (batches > 0)
      log.info('batches after the last snapshot were taken from the log', { batches });
  }

  /** Runs until `stop`, then drains and snapshots. */
  async run(): Promise<void> {
    if (this.#stopping) return; // while it recovered: the snapshot before that stands
    const { pipeline, ingest, snapshotEveryMs } = this.settings;
    this.store.planAll();
    await this.#rehydrate();
    const source = new LiveSource(pipeline.topics, this.#feed(), ingest, this.position, this.clock);
    this.source = source;
    if (this.#formerTaken && this.#rebuilding) await this.#takeSnapshot();
    if (!source.catchingUp) this.#sayLive(this.position.first);
    this.#nextSnapshotMs = Date.now() + snapshotEveryMs;
    const flow = pipe(
      map((batch: Batch) => this.graph.route(batch)),
      appendToLogs(this.#logs),
      tap(() => source.logged()),
      this.graph.operators((step) => this.#deliver(step), this.#logs.scores),
      concatMap((step) => this.#snapshotWhenDue(step)),
    );
    try {
      await lastValueFrom(
        pulled(() => source.next(), flow),
        { defaultValue: null },
      );
      await this.#underWay;
      if (this.#failure !== null) throw this.#failure.error;
    } finally {
      source.abandon();
    }
    await this.#takeSnapshot();
  }

  /** Ends `recover` and `run` after the batch under way. */
  stop(): void {
    this.#stopping = true;
    this.source?.stop();
  }

  close(): void {
    this.#levels.stop();
    this.#logs.close();
  }

  /** What a reset left to be taken again, then the settings' own feed. */
  *#feed(): Generator<FeedRecord> {
    const { directory, feed } = this.settings;
    const place = (topic: string, partition: number): string => `${topic}/${partition}`;
    const next = new Map(this.position.cursors.map((c) => [place(c.topic, c.partition), c.offset]));
    let taken = 0;
    for (const record of formerRecords(directory, this.position)) {
      taken++;
      next.set(place(record.topic, record.partition), record.offset + 1);
      yield record;
    }
    this.#formerTaken = true;
    if (taken > 0) this.settings.log.info('the retained log was taken again', { records: taken });
    yield* feed((topic, partition) => next.get(place(topic, partition)) ?? 0);
  }

  #restore(): void {
    const remedy =
      'start with --reset to rebuild it from the retained log, or with the former definition';
    const start = this.#checkpoints.read(
      remedy,
      'start with --reset to rebuild the state from the retained log',
    );
    for (const { path, reason } of this.#checkpoints.refused)
      this.settings.log.warn('a snapshot is not sound; the one before it is used', {
        path,
        reason,
      });
    if (start === null) {
      this.#checkpoints.write(startPosition, new Map(), { marks: [] });
      return;
    }
    if (start.position.batch === 0) return;
    this.graph.restore(start.parts);
    this.history.restore(start.parts.get('history')!);
    this.#unposted = unpostedIn(start.parts.get('webhook'));
    this.#marks = start.extra.marks as unknown as Mark[]; // as written below
    this.position = start.position;
    const [mark] = this.#marks.slice(-1);
    if (mark !== undefined) this.snapshot = { atMs: mark.atMs, seconds: null, bytes: null };
  }

  async #deliver(step: Step): Promise<void> {
    const { batch } = step;
    const nowMs = this.clock();
    await this.#write(step);
    this.#levels.follow(this.graph.monitors);
    this.history.addChecks(step.checks);
    for (const emission of step.emissions) this.history.addEmission(emission);
    this.#webhook?.add(step.emissions.map(webhookMessage));
    if (!step.recovered) logEmissions(this.settings.log, step.emissions);
    const taken = batch.cursors.reduce((sum, c) => sum + c.counts.reduce((a, b) => a + b, 0), 0);
    const ticksMs = { ...this.position.ticksMs };
    for (const { topic, watermarkMs } of batch.ticks) ticksMs[topic] = watermarkMs;
    this.position = { batch: batch.batch + 1, first: taken, cursors: batch.cursors, ticksMs };
    const live = !step.recovered && this.source?.catchingUp === false;
    const changed = this.store.take(step, live ? nowMs : null);
    await this.#writeOnline(changed, live ? nowMs : Number.NEGATIVE_INFINITY);
    this.records.add(batch.count, nowMs);
    this.scored.add(step.scores.length, nowMs);
    if (live) this.#sayLive(taken);
    const latencyMs = live ? this.clock() - this.source!.batchArrivalMs : null;
    if (latencyMs !== null) for (const _ of step.scores) this.scoreLatencies.add(latencyMs, nowMs);
    const scores = step.scores.map((one) => one.score);
    for (const listener of this.listeners) listener({ step, changed, scores, latencyMs });
  }

  /** A store that lost its data gets it again; what it has kept stays. */
  async #rehydrate(): Promise<void> {
    const { online } = this;
    if (online === null) return;
    for (const latests of this.store.all()) {
      online.write(latests);
      await online.ready();
    }
  }

  async #writeOnline(
    changed: ReadonlyMap<string, ReadonlySet<string | number>>,
    atMs: number,
  ): Promise<void> {
    const { online } = this;
    if (online === null) return;
    for (const [view, keys] of changed) {
      const latests = [...keys].map((key) => this.store.read(view, String(key), atMs)!);
      online.write(latests); // a key that changed is there
    }
    await online.ready();
  }

  #sayLive(records: number): void {
    if (this.#live) return;
    this.#live = true;
    this.settings.log.info('live: what there was to catch up with is taken', { records });
  }

  async #write(step: Step): Promise<void> {
    const { sink } = this;
    if (sink === null) return;
    const { topics } = this.settings.pipeline;
    await sink.events(step.batch, this.epoch);
    for (const { blocks } of step.outputs.flat()) {
      for (const block of blocks) await sink.vectors(block, this.epoch);
    }
    await sink.scores(step.scores.map((one) => one.score));
    await sink.deadLetters(deadLettersOf(step.refused, topics));
    await sink.checks(step.checks.map(checkRow));
    const retrained = step.judged.flatMap((one) =>
      retrainingRows(one.monitor, one.before, one.after),
    );
    await sink.alerts([...step.emissions.map(alertRow), ...retrained]);
  }

  async #snapshotWhenDue(step: Step): Promise<Step> {
    if (this.#rebuilding && this.#formerTaken) {
      await this.#underWay; // the newest snapshot is the one that is written last
      await this.#takeSnapshot(); // before anything can be posted
    } else if (Date.now() >= this.#nextSnapshotMs) {
      this.#nextSnapshotMs = Number.POSITIVE_INFINITY;
      // Batches go on meanwhile: waiting for the sinks made 5 % of scores a second late.
      this.#underWay = this.#takeSnapshot().catch((error) => {
        this.#failure ??= { error };
        this.stop();
      });
    }
    return step;
  }

  /** The state as it is now, written once the sinks hold all that it holds. */
  async #takeSnapshot(): Promise<void> {
    const before = performance.now();
    const { position } = this;
    const models = this.graph.versions.flatMap((one) => (one === null ? [] : { ...one }));
    const unposted = JSON.stringify(this.#webhook?.pending ?? this.#unposted);
    const parts = copyOf(this.graph.dump())
      .set('history', [this.history.dump()])
      .set('webhook', [new TextEncoder().encode(unposted)]);
    await Promise.all([this.sink?.flush(), this.online?.flush()]);
    this.#logs.sync();
    this.#marks = [...this.#marks, { batch: position.batch, atMs: Date.now() }];
    this.#checkpoints.write(position, parts, {
      marks: this.#marks.map((mark) => ({ ...mark })),
      models,
    });
    if (this.#formerTaken && this.#rebuilding) {
      finishRebuild(this.settings.directory);
      this.#rebuilding = false;
    }
    const { logsKeepMs, logsKeepBytes, snapshotEveryMs } = this.settings;
    this.#marks = retain(this.#logs, this.#marks, { keepMs: logsKeepMs, keepBytes: logsKeepBytes });
    const seconds = (performance.now() - before) / 1_000;
    const bytes = [...parts.values()].flat().reduce((sum, chunk) => sum + chunk.length, 0);
    this.snapshot = { atMs: Date.now(), seconds, bytes };
    for (const listener of this.snapshotListeners) listener(this.snapshot);
    this.#nextSnapshotMs = Date.now() + snapshotEveryMs;
  }
}

/** The parts are views of live state, which moves on while the sinks are waited for. */
function copyOf(parts: ReadonlyMap<string, readonly Uint8Array[]>): Map<string, Uint8Array[]> {
  return new Map([...parts].map(([name, chunks]) => [name, chunks.map((one) => one.slice())]));
}

/** Snapshots of before there were webhooks have none. */
function unpostedIn(bytes: Uint8Array | undefined): readonly PendingMessage[] {
  return bytes === undefined ? [] : JSON.parse(new TextDecoder().decode(bytes));
}
