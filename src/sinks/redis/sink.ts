import { WeirError } from '../../errors.js';
import type { ViewShape } from '../../features/shape.js';
import type { Latest } from '../../records/vector.js';
import { fateOf } from './answers.js';
import type { Redis } from './client.js';
import { Lane, type LaneUse } from './lane.js';
import { featuresText, redisKeys } from './layout.js';
import { type Entry, merge, Outstanding, type Target } from './pending.js';
import { type Batch, writeBatch } from './write-batch.js';

export interface RedisSinkOptions {
  readonly pipeline: string;
  readonly views: readonly ViewShape[];
  /** How long a vector is kept after its last write, by view, ms; null for ever. */
  readonly ttlMs: ReadonlyMap<string, number | null>;
  /** Vectors that may wait before `ready` does; 20,000 by default. */
  readonly pendingMax?: number;
  /** Called with each vector that can never be written, and why; by default it is only counted. */
  readonly onRefused?: (latest: Latest, redisKey: string, reason: string) => void;
  /** A call of `count` vectors was answered after `seconds`. */
  readonly onAnswered?: (count: number, seconds: number) => void;
  /** `count` vectors became readable whose oldest event came at `arrivedMs`. */
  readonly onWritten?: (count: number, arrivedMs: number) => void;
}

/** What the sink has done so far. */
export interface RedisSinkState {
  /** Set in Redis. */
  readonly written: number;
  /** Replaced by a newer vector of the key before they were sent. */
  readonly coalesced: number;
  /** Were there already: the same position and time. */
  readonly repeated: number;
  /** Not set, since a newer one is there. */
  readonly refused: number;
  /** Can never be set; given to `onRefused`. */
  readonly rejected: number;
  /** Calls that failed and were or will be repeated. */
  readonly retries: number;
  readonly pending: number;
  /** Age of the oldest write that is not acknowledged, ms; 0 for none. */
  readonly oldestMs: number;
  /** Why vectors wait; null while they do not. */
  readonly waitingFor: string | null;
}

/** Writes latest vectors to Redis. While it is away they wait; nothing is dropped. */
export interface RedisSink {
  /**
   * Takes vectors of the sink's views, at once; of a key's vectors that wait only the newest is
   * kept.
   * @param arrivedMs when the oldest event that they stand for was taken; now by default
   */
  write(latests: readonly Latest[], arrivedMs?: number): void;
  /** Resolves when there is room for more; as `flush`, it rejects when `close` gives up. */
  ready(): Promise<void>;
  /** Resolves when all that was written so far is acknowledged. */
  flush(): Promise<void>;
  state(): RedisSinkState;
  /**
   * Flushes for at most `msMax`. The client stays open.
   * @throws WeirError redis-failed where vectors are left in the log
   */
  close(msMax?: number): Promise<void>;
}

const keysPerCall = 200;
const callsUnderWay = 4;

export function createRedisSink(redis: Redis, options: RedisSinkOptions): RedisSink {
  return new Sink(redis, options);
}

class Sink implements RedisSink {
  readonly #redis: Redis;
  readonly #options: RedisSinkOptions;
  readonly #pendingMax: number;
  readonly #targets: ReadonlyMap<string, Target>;
  readonly #lanes = new Map<string, Lane>();
  readonly #outstanding = new Outstanding();
  readonly #counts = { written: 0, coalesced: 0, repeated: 0, refused: 0, rejected: 0 };
  readonly #use: LaneUse = {
    keysMax: keysPerCall,
    callsMax: callsUnderWay,
    send: (lane, batch) => this.#send(lane, batch),
    giveBack: (lane, entries) => this.#giveBack(lane, entries),
    resume: (lane) => this.#resume(lane),
  };
  #room: { readonly resolve: () => void; readonly reject: (error: WeirError) => void }[] = [];

  constructor(redis: Redis, options: RedisSinkOptions) {
    this.#redis = redis;
    this.#options = options;
    this.#pendingMax = options.pendingMax ?? 20_000;
    this.#targets = new Map(options.views.map((view) => [view.name, this.#target(view)]));
  }

  write(latests: readonly Latest[], arrivedMs?: number): void {
    const sinceMs = Date.now();
    for (const latest of latests) {
      this.#add(latest, arrivedMs ?? sinceMs, sinceMs);
    }
    for (const lane of this.#lanes.values()) lane.pump();
  }

  ready(): Promise<void> {
    if (this.#outstanding.count < this.#pendingMax) return Promise.resolve();
    return new Promise((resolve, reject) => this.#room.push({ resolve, reject }));
  }

  flush(): Promise<void> {
    return this.#outstanding.flush();
  }

  state(): RedisSinkState {
    const lanes = [...this.#lanes.values()];
    return {
      ...this.#counts,
      retries: lanes.reduce((sum, { retries }) => sum + retries, 0),
      pending: this.#outstanding.count,
      oldestMs: this.#oldestMs(),
      waitingFor: lanes.find((lane) => lane.waitingFor !== null && lane.inUse)?.waitingFor ?? null,
    };
  }

  async close(msMax = 10_000): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), msMax);
    });
    const how = await Promise.race([this.flush(), late]);
    clearTimeout(timer);
    for (const lane of this.#lanes.values()) lane.close();
    if (how !== 'late') return;
    const { pending, waitingFor } = this.state();
    const why = waitingFor === null ? '' : ` (${waitingFor})`;
    const message = `${pending} vectors were not acknowledged when Weir closed${why}; they are written again from the log at the next start`;
    const error = new WeirError('redis-failed', message);
    this.#outstanding.abandon(error);
    for (const { reject } of this.#room.splice(0)) reject(error);
    throw error;
  }

  #target(view: ViewShape): Target {
    return {
      view,
      redisKey: redisKeys(this.#redis.place.prefix, this.#options.pipeline, view),
      features: featuresText(view),
      definition: JSON.stringify(view.hash),
      ttl: String(Math.ceil(this.#options.ttlMs.get(view.name) ?? 0)),
      waiting: new Map(),
    };
  }

  #add(latest: Latest, arrivedMs: number, sinceMs: number): void {
    const target = this.#targets.get(latest.view.name)!; // the caller writes the sink's views only
    const key = String(latest.key);
    const waiting = target.waiting.get(key);
    if (waiting !== undefined) {
      this.#counts.coalesced += 1;
      merge(waiting, { latest, arrivedMs, sinceMs });
      return;
    }
    const { generation } = this.#outstanding;
    const redisKey = target.redisKey(key);
    const entry: Entry = { target, redisKey, latest, arrivedMs, sinceMs, generation };
    target.waiting.set(key, entry);
    this.#outstanding.add(generation);
    this.#laneOf(redisKey).queue.push(entry);
  }

  #laneOf(redisKey: string): Lane {
    const node = this.#redis.nodeOf(redisKey);
    let lane = this.#lanes.get(node);
    if (lane === undefined) {
      lane = new Lane(node, this.#use);
      this.#lanes.set(node, lane);
    }
    return lane;
  }

  async #send(lane: Lane, batch: Batch): Promise<string | null> {
    const sentMs = performance.now();
    const answers = await writeBatch(this.#redis, lane.node, batch);
    const { onAnswered } = this.#options;
    onAnswered?.(batch.entries.length, (performance.now() - sentMs) / 1_000);
    const left: Entry[] = [];
    const set: Entry[] = [];
    let reason: string | null = null;
    for (let i = 0; i < batch.entries.length; i++) {
      const entry = batch.entries[i]!;
      const fate = fateOf(answers[i]);
      if (fate === 'failed' || fate === 'elsewhere') {
        left.push(entry);
        reason = String(answers[i]);
        continue;
      }
      if (fate === 'set') set.push(entry);
      this.#settled(fate, entry, answers[i]);
    }
    this.#tellWritten(set);
    this.#giveBack(lane, left);
    this.#outstanding.settle();
    this.#makeRoom();
    return reason;
  }

  #settled(fate: 'set' | 'same' | 'older' | 'rejected', entry: Entry, answer: unknown): void {
    this.#outstanding.remove(entry.generation);
    if (fate === 'set') this.#counts.written += 1;
    else if (fate === 'same') this.#counts.repeated += 1;
    else if (fate === 'older') this.#counts.refused += 1;
    else {
      this.#counts.rejected += 1;
      this.#options.onRefused?.(entry.latest, entry.redisKey, String(answer));
    }
  }

  /** Entries of one write follow each other and are told together. */
  #tellWritten(entries: readonly Entry[]): void {
    const { onWritten } = this.#options;
    if (onWritten === undefined) return;
    let from = 0;
    for (let i = 1; i <= entries.length; i++) {
      const { arrivedMs } = entries[from]!;
      if (i < entries.length && entries[i]!.arrivedMs === arrivedMs) continue;
      onWritten(i - from, arrivedMs);
      from = i;
    }
  }

  /** What was not written waits again, unless a newer vector of its key does. */
  #giveBack(lane: Lane, entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    const again: Entry[] = [];
    for (const entry of entries) {
      const key = String(entry.latest.key);
      const newer = entry.target.waiting.get(key);
      if (newer === undefined) {
        entry.target.waiting.set(key, entry);
        again.push(entry);
        continue;
      }
      this.#counts.coalesced += 1;
      merge(newer, entry);
      this.#outstanding.remove(Math.max(newer.generation, entry.generation));
      newer.generation = Math.min(newer.generation, entry.generation);
    }
    lane.queue = [...again, ...lane.queue];
  }

  #resume(lane: Lane): void {
    this.#redis.refresh();
    const entries = lane.queue;
    lane.queue = [];
    for (const entry of entries) this.#laneOf(entry.redisKey).queue.push(entry);
    for (const one of this.#lanes.values()) one.pump();
    this.#makeRoom();
  }

  #makeRoom(): void {
    if (this.#outstanding.count >= this.#pendingMax) return;
    for (const { resolve } of this.#room.splice(0)) resolve();
  }

  #oldestMs(): number {
    let sinceMs = Number.POSITIVE_INFINITY;
    for (const { queue, underWay } of this.#lanes.values()) {
      for (const entry of queue) sinceMs = Math.min(sinceMs, entry.sinceMs);
      for (const { entries } of underWay) {
        for (const entry of entries) sinceMs = Math.min(sinceMs, entry.sinceMs);
      }
    }
    return sinceMs === Number.POSITIVE_INFINITY ? 0 : Math.max(0, Date.now() - sinceMs);
  }
}
