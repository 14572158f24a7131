import type { LogMessage, LogTask, TaskKind } from './log-task.js';
import type { SnapshotTopic, Written } from './snapshot-topic.js';

/** A task that this process holds, from being assigned to being lost. */
export class HeldTask {
  readonly kind: TaskKind;
  readonly partition: number;
  readonly task: LogTask;
  /** Offset of the next message; messages before it were taken. */
  next = 0;
  /** The log's end when it was last read. */
  end = 0;
  loaded = false;
  /** Set once the task is another process's. */
  lost = false;
  snapshot: Written | null = null;
  /**
   * What the group has of the log: behind the snapshot where a commit failed; it is made up for.
   */
  committed = 0;
  /** How long the last one took to write, the sinks flushed first, s; null before the first. */
  snapshotSeconds: number | null = null;
  /** From being assigned to being loaded, s. */
  restoreSeconds: number | null = null;
  /** Why it takes nothing now; empty where it does. */
  waiting = '';
  /** When the next snapshot is due, ms. */
  snapshotDueMs = 0;
  readonly #snapshots: SnapshotTopic;
  /** What is under way; the next step waits for it. */
  #busy: Promise<unknown> = Promise.resolve();

  constructor(kind: TaskKind, partition: number, snapshots: SnapshotTopic) {
    this.kind = kind;
    this.partition = partition;
    this.task = kind.create(partition);
    this.#snapshots = snapshots;
  }

  get name(): string {
    return `${this.kind.name}.${this.partition}`;
  }

  /**
   * Takes up the newest snapshot.
   * @param committed offset of the log, as the group has it
   * @throws WeirError snapshot-corrupt, definition-changed
   */
  async load(committed: number): Promise<void> {
    const before = performance.now();
    this.committed = committed;
    const snapshot = await this.#snapshots.read(this.partition, committed);
    if (snapshot !== null) {
      this.task.restore(snapshot.parts);
      this.next = snapshot.next;
      const { next, bytes, atMs } = snapshot;
      this.snapshot = { next, bytes, atMs, firstOffset: -1 };
    }
    this.restoreSeconds = (performance.now() - before) / 1_000;
    this.loaded = true;
  }

  take(messages: readonly LogMessage[], atEnd: boolean): Promise<void> {
    return this.#exclusively(async () => {
      await this.task.take(messages, atEnd);
      this.next = messages.at(-1)!.offset + 1;
    });
  }

  tick(nowMs: number): Promise<void> {
    return this.#exclusively(async () => this.task.tick?.(nowMs));
  }

  /**
   * The state as it is now, written once the sinks hold all that it holds; null where nothing was
   * taken since the last. Messages may be taken meanwhile.
   */
  async takeSnapshot(): Promise<Written | null> {
    const before = performance.now();
    const state = await this.#exclusively(async () => {
      if (this.next === (this.snapshot?.next ?? 0)) return null;
      return { next: this.next, parts: this.task.dump() };
    });
    if (state === null) return null;
    await this.task.flush();
    this.snapshot = await this.#snapshots.write(this.partition, state.next, state.parts);
    this.snapshotSeconds = (performance.now() - before) / 1_000;
    return this.snapshot;
  }

  /** Where the log may be dropped up to, as far as recovery goes. */
  get droppable(): number {
    return this.#snapshots.secondLast(this.partition);
  }

  dropFormerSnapshots(): Promise<void> {
    return this.#snapshots.drop(this.partition);
  }

  async close(): Promise<void> {
    this.lost = true;
    await this.#exclusively(() => this.task.close());
  }

  #exclusively<Value>(step: () => Promise<Value>): Promise<Value> {
    const done = this.#busy.then(step);
    this.#busy = done.catch(() => undefined); // whoever asked for the step hears of it
    return done;
  }
}
