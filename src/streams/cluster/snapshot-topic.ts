import { randomUUID } from 'node:crypto';
import { WeirError } from '../../errors.js';
import type { Admin, Kafka, Producer } from '../../sinks/kafka/client.js';
import type { Log } from '../../telemetry/log.js';
import { readRanges } from './read-range.js';
import { type Manifest, pack, snapshotFormat, unpack } from './snapshot-format.js';

/** A task's state and the place in its log that it belongs to. */
export interface TaskSnapshot {
  readonly next: number;
  readonly parts: ReadonlyMap<string, Uint8Array>;
  readonly atMs: number;
  readonly bytes: number;
}

/** What is known of a snapshot that was written. */
export interface Written {
  readonly next: number;
  readonly bytes: number;
  readonly atMs: number;
  readonly firstOffset: number;
}

const manifestKey = 'manifest';
/** Small, so that others use the process between two: 4 MB took it for 45 ms. */
const requestBytes = 1024 * 1024;
/** Chunks without any manifest; manifests none of which is sound. */
const unfinished = 'unfinished';
const unsound = 'unsound';

/**
 * The snapshots of one kind of task in a Kafka topic, partition by partition: chunks, then a
 * manifest. Every snapshot has keys of its own, so a process that lost its task unknowingly cannot
 * spoil a newer one; the newest that is whole and furthest in the log counts.
 */
export class SnapshotTopic {
  readonly #kafka: Kafka;
  readonly #topic: string;
  readonly #definition: string;
  readonly #producer: Producer;
  readonly #admin: Admin;
  readonly #log: Log;
  /** By partition: the last two written or read here. */
  readonly #former = new Map<number, Written[]>();

  /** @param definition of the tasks; a snapshot of another one is refused */
  constructor(
    kafka: Kafka,
    topic: string,
    definition: string,
    use: { readonly producer: Producer; readonly admin: Admin; readonly log: Log },
  ) {
    this.#kafka = kafka;
    this.#topic = topic;
    this.#definition = definition;
    this.#producer = use.producer;
    this.#admin = use.admin;
    this.#log = use.log;
  }

  /**
   * The newest sound snapshot of the task; null where there is none.
   * @param atLeast the group's committed offset of the log, which only the owner moves: a last
   * snapshot of before is one of a process that had lost the task
   * @throws WeirError definition-changed, snapshot-corrupt where some were written and none is
   * sound
   */
  async read(partition: number, atLeast = 0): Promise<TaskSnapshot | null> {
    const { low, high } = await this.#bounds(partition);
    if (high === low) return null;
    const last = await this.#manifestAt(partition, high - 1);
    const newest =
      last !== null && last.next >= atLeast
        ? await this.#readFrom(partition, last.firstOffset, high)
        : unfinished;
    const found = typeof newest === 'string' ? await this.#readFrom(partition, low, high) : newest;
    // Whoever was writing the first ended before it was whole: the log has everything yet.
    if (found === unfinished) return null;
    if (found === unsound) {
      throw new WeirError(
        'snapshot-corrupt',
        `no snapshot of ${this.#topic}/${partition} is whole; delete the topic while nothing runs: the state is then rebuilt from the retained log`,
      );
    }
    return found;
  }

  /** Writes a snapshot. */
  async write(
    partition: number,
    next: number,
    state: ReadonlyMap<string, readonly Uint8Array[]>,
  ): Promise<Written> {
    const packed = pack(state);
    const id = `${next}-${randomUUID()}`;
    const atMs = Date.now();
    let firstOffset = -1;
    for (const group of groupsOf(packed.chunks)) {
      const messages = group.map(([i, value]) => ({ partition, key: `${id}/${i}`, value }));
      const offset = await this.#send(messages);
      if (firstOffset < 0) firstOffset = offset;
    }
    const { chunks, parts, bytes, crc32 } = packed;
    const manifest: Manifest = {
      format: snapshotFormat,
      id,
      definition: this.#definition,
      next,
      atMs,
      chunks: chunks.length,
      bytes,
      crc32,
      firstOffset,
      parts,
    };
    const key = `${id}/${manifestKey}`;
    await this.#send([{ partition, key, value: Buffer.from(JSON.stringify(manifest)) }]);
    const written = { next, bytes, atMs, firstOffset };
    const former = this.#former.get(partition) ?? [];
    this.#former.set(partition, [...former, written].slice(-2));
    return written;
  }

  /**
   * Where the log may be dropped up to: the second-last snapshot's place; 0 before there are two.
   */
  secondLast(partition: number): number {
    const [former] = this.#former.get(partition)?.slice(-2, -1) ?? [];
    return former?.next ?? 0;
  }

  /** Lets go of all before the second-last; for the task's owner alone, as the group knows it. */
  async drop(partition: number): Promise<void> {
    const [former] = this.#former.get(partition)?.slice(-2, -1) ?? [];
    if (former === undefined || former.firstOffset < 0) return;
    const partitions = [{ partition, offset: String(former.firstOffset) }];
    await this.#admin
      .deleteTopicRecords({ topic: this.#topic, partitions })
      .catch((error) =>
        this.#log.debug('old snapshots were not dropped; the next does', { error }),
      );
  }

  async #send(
    messages: readonly { partition: number; key: string; value: Buffer }[],
  ): Promise<number> {
    const [told] = await this.#producer.send({
      topic: this.#topic,
      acks: -1,
      messages: [...messages],
    });
    return Number(told?.baseOffset ?? -1);
  }

  async #bounds(partition: number): Promise<{ low: number; high: number }> {
    const offsets = await this.#admin.fetchTopicOffsets(this.#topic);
    const own = offsets.find((one) => one.partition === partition);
    return { low: Number(own?.low ?? 0), high: Number(own?.high ?? 0) };
  }

  async #manifestAt(partition: number, offset: number): Promise<Manifest | null> {
    let found: Manifest | null = null;
    const range = { topic: this.#topic, partition, from: offset, to: offset + 1 };
    await readRanges(this.#kafka, [range], (_, { key, value }) => {
      if (String(key).endsWith(`/${manifestKey}`)) found = readManifest(value);
    });
    return found;
  }

  /** The furthest sound snapshot that begins at `from` or later, or why there is none. */
  async #readFrom(
    partition: number,
    from: number,
    to: number,
  ): Promise<TaskSnapshot | typeof unfinished | typeof unsound> {
    const chunks = new Map<string, Uint8Array[]>();
    const manifests: Manifest[] = [];
    let written = 0;
    const range = { topic: this.#topic, partition, from, to };
    await readRanges(this.#kafka, [range], (_, { key, value }) => {
      const [id = '', part = ''] = String(key).split('/');
      if (part === manifestKey) {
        const manifest = readManifest(value);
        written++;
        if (manifest !== null) manifests.push(manifest);
        return;
      }
      const list = chunks.get(id) ?? [];
      chunks.set(id, list);
      if (value !== null) list[Number(part)] = value;
    });
    manifests.sort((a, b) => b.next - a.next || b.atMs - a.atMs);
    for (const manifest of manifests) {
      const snapshot = this.#open(partition, manifest, chunks.get(manifest.id) ?? []);
      if (snapshot === null) continue;
      const { next, bytes, atMs, firstOffset } = manifest;
      this.#former.set(partition, [{ next, bytes, atMs, firstOffset }]);
      return snapshot;
    }
    return written === 0 ? unfinished : unsound;
  }

  #open(
    partition: number,
    manifest: Manifest,
    chunks: readonly (Uint8Array | undefined)[],
  ): TaskSnapshot | null {
    const parts = unpack(manifest, chunks);
    if (typeof parts === 'string') {
      const topic = `${this.#topic}/${partition}`;
      this.#log.warn('a snapshot is not whole; the one before it is used', {
        topic,
        id: manifest.id,
        reason: parts,
      });
      return null;
    }
    if (manifest.definition !== this.#definition) {
      throw new WeirError(
        'definition-changed',
        `${this.#topic}/${partition} holds the state of another definition (${manifest.definition}, now ${this.#definition}); run the former definition, or set another kafka.prefix to build the new one beside it, or delete the topic while nothing runs to rebuild it from the retained log`,
      );
    }
    const { next, atMs, bytes } = manifest;
    return { next, parts, atMs, bytes };
  }
}

function readManifest(value: Buffer | null): Manifest | null {
  try {
    // As `write` wrote it, or another version.
    const manifest = JSON.parse(String(value)) as Manifest;
    return manifest.format === snapshotFormat ? manifest : null;
  } catch {
    return null;
  }
}

/** Chunks with their numbers, as many together as one request should carry. */
function groupsOf(chunks: readonly Buffer[]): (readonly [number, Buffer])[][] {
  const groups: (readonly [number, Buffer])[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const [i, chunk] of chunks.entries()) {
    if (bytes + chunk.length > requestBytes) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)!.push([i, chunk]);
    bytes += chunk.length;
  }
  return groups;
}
