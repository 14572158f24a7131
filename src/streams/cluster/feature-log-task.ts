import type { FeatureTask, FrameOutput } from '../../operators/feature-task.js';
import { QuietKeys } from '../../operators/quiet-keys.js';
import type { Latest } from '../../records/vector.js';
import type { RowReader } from '../frame-codec.js';
import { latestOf } from '../latest.js';
import type { FeatureOutput } from './feature-output.js';
import type { FrameCache } from './frame-cache.js';
import { decodeMessage } from './frame-message.js';
import { type LaneSnapshot, LaneWatermarks } from './lane-watermarks.js';
import type { LogMessage, LogTask } from './log-task.js';
import { parseTold } from './told-message.js';

export interface FeatureLogSettings {
  readonly task: FeatureTask;
  readonly epoch: number;
  readonly disorderMs: number;
  readonly readRow: RowReader;
  readonly cache: FrameCache;
  readonly outputs: readonly FeatureOutput[];
}

/** Keys whose writes wait at most while the source is behind: hot ones are written once for all. */
const changedMax = 4_096;
const lanesPart = 'lanes';
const outputPart = 'output.';

/** A partition of a feature stage as a task of the log: frames in, rows and latest vectors out. */
export class FeatureLogTask implements LogTask {
  readonly settings: FeatureLogSettings;
  readonly watermarks: LaneWatermarks;
  readonly #quiet: readonly QuietKeys[];
  /** By view: keys whose latest vectors are to be written. While the source is behind they wait. */
  readonly #changed: readonly Set<number>[];
  /** When the oldest record behind them was taken by ingest. */
  #takenMs = Number.POSITIVE_INFINITY;
  /** Whether anyone takes latest vectors: else none is computed. */
  readonly #tellsLatest: boolean;
  /** By view: vectors that changed because time passed. */
  readonly quietUpdates: number[];

  constructor(settings: FeatureLogSettings) {
    this.settings = settings;
    this.watermarks = new LaneWatermarks(settings.disorderMs);
    this.#quiet = settings.task.views.map((view) => new QuietKeys(view));
    this.#changed = settings.task.views.map(() => new Set<number>());
    this.quietUpdates = settings.task.views.map(() => 0);
    this.#tellsLatest = settings.outputs.some((output) => output.latest !== undefined);
  }

  async take(messages: readonly LogMessage[], atEnd: boolean): Promise<void> {
    this.process(messages);
    if (!this.#tellsLatest) return;
    const live = atEnd && this.watermarks.caughtUp;
    if (live) this.#addQuiet();
    const waiting = this.#changed.reduce((sum, { size }) => sum + size, 0);
    if (live || waiting >= changedMax) this.#emit();
  }

  /** Moves the state alone: what changed is written by a later `take`, or read by `all`. */
  process(messages: readonly LogMessage[]): void {
    for (const message of messages) {
      const told = parseTold(message.value);
      if (told === null) this.#frame(message);
      else for (const output of this.settings.outputs) output.told?.(told);
    }
  }

  /** What is held back while the source is behind is at most so old. */
  async tick(): Promise<void> {
    this.#emit();
  }

  async ready(): Promise<void> {
    await Promise.all(this.settings.outputs.map((output) => output.ready?.()));
  }

  async flush(): Promise<void> {
    await Promise.all(this.settings.outputs.map((output) => output.flush?.()));
  }

  dump(): Map<string, readonly Uint8Array[]> {
    this.#emit(); // what the snapshot holds is in the outputs
    const { task, outputs } = this.settings;
    const parts = new Map<string, readonly Uint8Array[]>();
    for (const [name, chunks] of task.dump(''))
      parts.set(
        name,
        chunks.map((one) => one.slice()),
      );
    const lanes = new TextEncoder().encode(JSON.stringify(this.watermarks.dump()));
    parts.set(lanesPart, [lanes]);
    for (const { state } of outputs) {
      if (state !== undefined) parts.set(`${outputPart}${state.name}`, state.dump());
    }
    return parts;
  }

  restore(parts: ReadonlyMap<string, Uint8Array>): void {
    const { task, outputs } = this.settings;
    task.restore('', parts);
    const lanes: LaneSnapshot = JSON.parse(new TextDecoder().decode(parts.get(lanesPart)));
    this.watermarks.restore(lanes);
    for (const { state } of outputs) {
      const kept = state === undefined ? undefined : parts.get(`${outputPart}${state.name}`);
      if (kept !== undefined) state?.restore(kept);
    }
    for (const [i, { keys }] of task.views.entries()) {
      for (let k = 1; k <= keys.count; k++) this.#quiet[i]!.touch(k);
    }
  }

  async close(): Promise<void> {}

  /**
   * Every key's latest vector, for a store that was lost; in pieces.
   * @param atMs evaluates at the larger of it, the watermark and the key's own instant
   */
  *all(atMs: number): Generator<readonly Latest[]> {
    for (const [i, { keys }] of this.settings.task.views.entries()) {
      for (let from = 1; from <= keys.count; from += keysAtOnce) {
        const changed = this.settings.task.views.map(() => new Set<number>());
        const to = Math.min(from + keysAtOnce, keys.count + 1);
        for (let k = from; k < to; k++) changed[i]!.add(k);
        yield this.#latests(changed, atMs);
      }
    }
  }

  #frame(message: LogMessage): void {
    const { task, epoch, cache, readRow, outputs } = this.settings;
    const { frame, facts } = cache.take(message.key) ?? decodeMessage(message.value, readRow);
    const ticks = this.watermarks.take(frame.batch, facts);
    const own = { ...frame, batch: { ...frame.batch, ticks } };
    const { n } = task;
    const output = task.process(own);
    if (this.#tellsLatest) this.#note(output, facts.clockMs);
    const taken = { task, epoch, frame: own, n, output };
    for (const use of outputs) use.frame?.(taken);
  }

  #note({ blocks, updated }: FrameOutput, clockMs: number): void {
    for (const [i, { key, count }] of blocks.entries()) {
      const changed = this.#changed[i]!;
      for (let row = 0; row < count; row++) changed.add(key[row]!);
      for (const k of updated[i]!) changed.add(k);
    }
    if (clockMs < this.#takenMs) this.#takenMs = clockMs;
  }

  #addQuiet(): void {
    const { watermarkMs } = this.settings.task;
    if (!Number.isFinite(watermarkMs)) return;
    for (const [i, quiet] of this.#quiet.entries()) {
      const keys = quiet.take(watermarkMs);
      this.quietUpdates[i]! += keys.length;
      for (const k of keys) this.#changed[i]!.add(k);
    }
  }

  #emit(): void {
    const latests = this.#latests(this.#changed, Number.NEGATIVE_INFINITY);
    if (latests.length === 0) return;
    for (const output of this.settings.outputs) output.latest?.(latests, this.#takenMs);
    for (const changed of this.#changed) changed.clear();
    this.#takenMs = Number.POSITIVE_INFINITY;
  }

  #latests(changed: readonly ReadonlySet<number>[], notBeforeMs: number): Latest[] {
    const { task, epoch } = this.settings;
    const atMs = Math.max(task.watermarkMs, notBeforeMs);
    const latests: Latest[] = [];
    for (const [i, keys] of changed.entries()) {
      const view = task.views[i]!;
      for (const k of keys) {
        latests.push(latestOf(task, view, k, atMs, epoch));
        this.#quiet[i]!.touch(k);
      }
    }
    return latests;
  }
}

const keysAtOnce = 1_000;
