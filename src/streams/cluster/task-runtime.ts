import { WeirError } from '../../errors.js';
import type {
  Admin,
  Consumer,
  EachBatchPayload,
  Kafka,
  Producer,
} from '../../sinks/kafka/client.js';
import { failPoint } from '../../telemetry/fail-point.js';
import type { Log } from '../../telemetry/log.js';
import { HeldTask } from './held-task.js';
import type { LogMessage, TaskKind } from './log-task.js';
import { Membership } from './membership.js';
import { patiently } from './patiently.js';
import { SnapshotTopic } from './snapshot-topic.js';

export interface RuntimeSettings {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly kinds: readonly TaskKind[];
  /** The snapshot topic of a kind. */
  readonly snapshotTopic: (kind: string) => string;
  readonly snapshotEveryMs: number;
  /** Logs are kept for so long beyond what recovery needs, ms. */
  readonly logsKeepMs: number;
  readonly log: Log;
}

/** Messages handed to a task at once; between two such calls a snapshot may be taken. */
const messagesMax = 64;
const bytesMax = 4 * 1024 * 1024;
/** A task whose sinks have no room for so long is paused, so that the others go on, ms. */
const roomMsMax = 500;
const tickMs = 1_000;
/** How often the end of a log is asked for that no one reads now. */
const endsEveryMs = 2_000;

/**
 * The tasks that Kafka's consumer group assigns to this process: each is loaded from its snapshot,
 * takes its log's messages in order and is snapshotted by the clock. A task that was lost
 * unknowingly
 * does no harm: what it writes is what its new owner writes.
 */
export class TaskRuntime {
  readonly #settings: RuntimeSettings;
  readonly membership: Membership;
  readonly #consumer: Consumer;
  readonly #producer: Producer;
  readonly #admin: Admin;
  readonly #snapshots: ReadonlyMap<string, SnapshotTopic>;
  readonly #kinds: ReadonlyMap<string, TaskKind>;
  /** By log topic and partition. */
  readonly #held = new Map<string, HeldTask>();
  #timer: NodeJS.Timeout | null = null;
  #snapshotting: Promise<void> = Promise.resolve();
  #endsDueMs = 0;
  #stopping = false;
  #fail: (error: unknown) => void = () => undefined;
  /** Rejects with what this process cannot go on after. */
  readonly failed: Promise<never>;

  constructor(settings: RuntimeSettings) {
    const { kafka, kinds, groupId, log } = settings;
    this.#settings = settings;
    this.#consumer = kafka.consumer(groupId, { maxBytesPerPartition: 8 * 1024 * 1024 });
    this.membership = new Membership(this.#consumer, groupId);
    this.#producer = kafka.producer();
    this.#admin = kafka.admin();
    const use = { producer: this.#producer, admin: this.#admin, log };
    this.#kinds = new Map(kinds.map((kind) => [kind.topic, kind]));
    this.#snapshots = new Map(
      kinds.map(({ name, definition }) => {
        const topic = settings.snapshotTopic(name);
        return [name, new SnapshotTopic(kafka, topic, definition, use)];
      }),
    );
    this.failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => undefined); // heard by whoever waits for it
  }

  /** Tasks held now, for metrics and readers. */
  get tasks(): readonly HeldTask[] {
    return [...this.#held.values()];
  }

  /** Whether this process reads the log partition itself. */
  owns(topic: string, partition: number): boolean {
    return this.#held.has(`${topic}/${partition}`);
  }

  async start(): Promise<void> {
    const { kinds } = this.#settings;
    await Promise.all([this.#producer.connect(), this.#admin.connect(), this.#consumer.connect()]);
    this.#consumer.on(this.#consumer.events.GROUP_JOIN, ({ payload }) =>
      this.#assign(payload.memberAssignment),
    );
    this.#consumer.on(this.#consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) this.#fail(payload.error);
    });
    await this.#consumer.subscribe({
      topics: kinds.map((kind) => kind.topic),
      fromBeginning: true,
    });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 64,
      eachBatch: (payload) => this.#eachBatch(payload),
    });
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  /** Takes no more, flushes, snapshots every task and leaves the group. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#snapshotting;
    // While the group still knows this process: it takes the snapshots' places.
    await Promise.all(this.tasks.map((held) => this.#snapshot(held)));
    await this.#consumer.stop();
    await this.close();
  }

  /** Leaves as it is: whoever takes the tasks over recovers them. */
  async close(): Promise<void> {
    this.#stopping = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#consumer.disconnect();
    for (const held of this.tasks) await held.close();
    this.#held.clear();
    await Promise.all([this.#producer.disconnect(), this.#admin.disconnect()]);
  }

  #assign(assignment: Readonly<Record<string, readonly number[]>>): void {
    const now = new Set<string>();
    for (const [topic, partitions] of Object.entries(assignment)) {
      for (const partition of partitions) {
        const place = `${topic}/${partition}`;
        now.add(place);
        const held = this.#held.get(place);
        if (held === undefined) this.#open(topic, partition, place);
        else this.#seek(topic, held); // the group would begin at the last snapshot
      }
    }
    for (const [place, held] of this.#held) {
      if (now.has(place)) continue;
      this.#held.delete(place);
      held.close().catch((error) => this.#fail(error));
    }
  }

  #open(topic: string, partition: number, place: string): void {
    const kind = this.#kinds.get(topic);
    if (kind === undefined) return;
    const held = new HeldTask(kind, partition, this.#snapshots.get(kind.name)!);
    this.#held.set(place, held);
    this.#consumer.pause([{ topic, partitions: [partition] }]);
    this.#load(topic, held).catch((error) => {
      if (!held.lost) this.#fail(error);
    });
  }

  async #load(topic: string, held: HeldTask): Promise<void> {
    const { log, snapshotEveryMs } = this.#settings;
    const isWanted = (): boolean => !held.lost && !this.#stopping;
    const loaded = await patiently(
      async () => {
        if (!held.loaded) await held.load(await this.#committed(topic, held.partition));
        await this.#refuseGap(topic, held);
        return true;
      },
      isWanted,
      log,
    );
    if (loaded === null || !isWanted()) return;
    held.snapshotDueMs = Date.now() + snapshotEveryMs * (0.5 + 0.5 * spread(held.name));
    this.#seek(topic, held);
    this.#consumer.resume([{ topic, partitions: [held.partition] }]);
    const { name, next, restoreSeconds } = held;
    log.info('task taken', { task: name, next, seconds: restoreSeconds?.toFixed(2) });
  }

  async #committed(topic: string, partition: number): Promise<number> {
    const { groupId } = this.#settings;
    const [told] = await this.#admin.fetchOffsets({ groupId, topics: [topic] });
    const own = told?.partitions.find((one) => one.partition === partition);
    return Number(own?.offset ?? -1);
  }

  /** A log that lost what the snapshot needs must not be read on as if nothing were missing. */
  async #refuseGap(topic: string, held: HeldTask): Promise<void> {
    const offsets = await this.#admin.fetchTopicOffsets(topic);
    const own = offsets.find((one) => one.partition === held.partition);
    held.end = Number(own?.high ?? 0);
    const low = Number(own?.low ?? 0);
    if (low <= held.next) return;
    throw new WeirError(
      'snapshot-corrupt',
      `${topic}/${held.partition} begins at ${low}, but the newest sound snapshot of ${held.name} goes on at ${held.next}: the log between is gone; set another kafka.prefix to build the state anew from the sources`,
    );
  }

  #seek(topic: string, { partition, next, loaded }: HeldTask): void {
    if (loaded) this.#consumer.seek({ topic, partition, offset: String(next) });
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch, heartbeat, isRunning, isStale, resolveOffset } = payload;
    const { topic, partition } = batch;
    const held = this.#held.get(`${topic}/${partition}`);
    if (held === undefined || !held.loaded) return;
    const first = Number(batch.firstOffset() ?? held.next);
    if (first > held.next && isStale()) return;
    held.end = Number(batch.highWatermark);
    for (const messages of piecesOf(payload, held.next)) {
      if (!isRunning() || isStale() || held.lost || this.#stopping) return;
      const last = messages.at(-1)!.offset;
      await held.take(messages, last + 1 >= held.end);
      failPoint('task.taken');
      resolveOffset(String(last));
      await heartbeat();
      if (!(await this.#hasRoom(held))) return this.#pause(topic, held);
    }
  }

  /** False where the sinks have no room for a while. */
  async #hasRoom({ task }: HeldTask): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, roomMsMax, false);
    });
    try {
      return await Promise.race([task.ready().then(() => true), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #pause(topic: string, held: HeldTask): void {
    const { partition } = held;
    this.#consumer.pause([{ topic, partitions: [partition] }]);
    held.waiting = 'its sinks have no room';
    held.task
      .ready()
      .then(() => {
        held.waiting = '';
        if (!held.lost && !this.#stopping)
          this.#consumer.resume([{ topic, partitions: [partition] }]);
      })
      .catch((error) => this.#fail(error));
  }

  #tick(): void {
    const nowMs = Date.now();
    const due: HeldTask[] = [];
    for (const held of this.tasks) {
      if (!held.loaded || held.lost) continue;
      if (held.waiting === '') held.tick(nowMs).catch((error) => this.#fail(error));
      if (nowMs < held.snapshotDueMs) continue;
      held.snapshotDueMs = Number.POSITIVE_INFINITY;
      due.push(held);
    }
    this.#askEnds(nowMs);
    if (due.length === 0) return;
    // One after another: each holds a copy of a state while it is written.
    this.#snapshotting = this.#snapshotting.then(async () => {
      for (const held of due) await this.#snapshot(held).catch((error) => this.#fail(error));
    });
  }

  /** A task that waits reads nothing, and would not know how far behind it is. */
  #askEnds(nowMs: number): void {
    const waiting = this.tasks.filter((held) => held.waiting !== '');
    if (waiting.length === 0 || nowMs < this.#endsDueMs) return;
    this.#endsDueMs = nowMs + endsEveryMs;
    for (const topic of new Set(waiting.map(({ kind }) => kind.topic))) {
      this.#admin.fetchTopicOffsets(topic).then(
        (offsets) => {
          for (const held of waiting) {
            const own = offsets.find((one) => one.partition === held.partition);
            if (held.kind.topic === topic) held.end = Math.max(held.end, Number(own?.high ?? 0));
          }
        },
        (error) => this.#settings.log.debug('the end of a log is not known', { topic, error }),
      );
    }
  }

  async #snapshot(held: HeldTask): Promise<void> {
    if (held.lost || !held.loaded) return;
    const { snapshotEveryMs } = this.#settings;
    const written = await held.takeSnapshot();
    held.snapshotDueMs = Date.now() + snapshotEveryMs;
    if (held.lost || held.snapshot === null) return;
    if (written !== null) failPoint('snapshot.written');
    const { next } = held.snapshot;
    if (next === held.committed) return;
    const { topic } = held.kind;
    const { partition } = held;
    try {
      await this.#consumer.commitOffsets([{ topic, partition, offset: String(next) }]);
      held.committed = next;
    } catch {
      return; // the task may be another's by now: then nothing is this process's to trim
    }
    await held.dropFormerSnapshots();
    if (!held.kind.isPublic) await this.#trim(topic, held);
  }

  /** Drops what is older than `logsKeepMs` and not needed by the second-last snapshot. */
  async #trim(topic: string, { partition, droppable }: HeldTask): Promise<void> {
    const { logsKeepMs, log } = this.#settings;
    try {
      const since = Date.now() - logsKeepMs;
      const young = await this.#admin.fetchTopicOffsetsByTimestamp(topic, since);
      const own = young.find((one) => one.partition === partition);
      const upTo = Math.min(Number(own?.offset ?? 0), droppable);
      if (upTo <= 0) return;
      const partitions = [{ partition, offset: String(upTo) }];
      await this.#admin.deleteTopicRecords({ topic, partitions });
    } catch (error) {
      log.debug('the log was not trimmed; it will be with the next snapshot', { topic, error });
    }
  }
}

/** The messages from `next` on, in pieces of bounded number and size. */
function* piecesOf({ batch }: EachBatchPayload, next: number): Generator<LogMessage[]> {
  let piece: LogMessage[] = [];
  let bytes = 0;
  for (const { offset, key, value, headers = {} } of batch.messages) {
    const at = Number(offset);
    if (at < next || value === null) continue;
    piece.push({ offset: at, key: key?.toString() ?? '', value, headers });
    bytes += value.length;
    if (piece.length < messagesMax && bytes < bytesMax) continue;
    yield piece;
    piece = [];
    bytes = 0;
  }
  if (piece.length > 0) yield piece;
}

/** 0 to 1 by name: so that not all snapshots are due at once. */
function spread(name: string): number {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.charCodeAt(0)) % 1_009;
  return sum / 1_009;
}
