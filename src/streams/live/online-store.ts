import type { ViewState } from '../../features/view-state.js';
import type { FeatureTask } from '../../operators/feature-task.js';
import { QuietKeys } from '../../operators/quiet-keys.js';
import { partitionOf } from '../../operators/stage.js';
import type { Step } from '../../operators/step.js';
import type { Latest } from '../../records/vector.js';
import { latestOf } from '../latest.js';
import { RecentKeys } from './recent-keys.js';

const keysAtOnce = 1_000;

interface Held {
  readonly task: FeatureTask;
  readonly state: ViewState;
  readonly quiet: QuietKeys;
}

/**
 * The latest vectors, in process: read from the tasks' own state at the instant of the question, so
 * they need no copy and no expiry. Tells which keys changed, by events or by time alone.
 */
export class OnlineStore {
  /** By view, by partition. */
  readonly #views: ReadonlyMap<string, readonly Held[]>;
  readonly #recent: ReadonlyMap<string, RecentKeys>;
  readonly #epoch: number;
  readonly #partitions: number;
  /** Vectors that changed because time passed, by view. */
  readonly quietUpdates = new Map<string, number>();

  constructor(tasks: readonly (readonly FeatureTask[])[], partitions: number, epoch: number) {
    const views = new Map<string, Held[]>();
    for (const task of tasks.flat()) {
      for (const state of task.views) {
        const { name } = state.definition;
        views.set(name, [...(views.get(name) ?? []), { task, state, quiet: new QuietKeys(state) }]);
      }
    }
    this.#views = views;
    this.#recent = new Map([...views.keys()].map((name) => [name, new RecentKeys()]));
    this.#epoch = epoch;
    this.#partitions = partitions;
  }

  /** The key's vector as of `atMs` or its own latest time, whichever is later. */
  read(view: string, key: string, atMs: number): Latest | undefined {
    const held = this.#views.get(view)?.[partitionOf(key, this.#partitions)];
    const k = held?.state.keys.find(key) ?? 0;
    if (held === undefined || k === 0) return undefined;
    return latestOf(held.task, held.state, k, atMs, this.#epoch);
  }

  recentKeys(view: string, limit: number): readonly (string | number)[] {
    return this.#recent.get(view)?.newest(limit) ?? [];
  }

  entities(): { view: string; count: number }[] {
    return [...this.#views].map(([view, held]) => ({
      view,
      count: held.reduce((sum, { state }) => sum + state.keys.count, 0),
    }));
  }

  /** Every entity's vector, evaluated at its own latest time, in pieces. */
  *all(): Generator<readonly Latest[]> {
    for (const { task, state } of [...this.#views.values()].flat()) {
      const { count } = state.keys;
      for (let from = 1; from <= count; from += keysAtOnce) {
        const size = Math.min(keysAtOnce, count + 1 - from);
        yield Array.from({ length: size }, (_, i) =>
          latestOf(task, state, from + i, Number.NEGATIVE_INFINITY, this.#epoch),
        );
      }
    }
  }

  /** Plans the updates of all keys that a snapshot brought. */
  planAll(): void {
    for (const { state, quiet } of [...this.#views.values()].flat()) {
      for (let k = 1; k <= state.keys.count; k++) quiet.touch(k);
    }
  }

  /**
   * Takes note of a step's changes.
   * @param liveMs the clock, to find keys that changed by time alone; null while catching up
   */
  take(step: Step, liveMs: number | null): Map<string, Set<string | number>> {
    const changed = new Map<string, Set<string | number>>();
    for (const outputs of step.outputs) {
      for (const [partition, { blocks, updated }] of outputs.entries()) {
        for (const [i, block] of blocks.entries()) {
          const { name } = block.view.definition;
          const held = this.#views.get(name)![partition]!;
          const keys = new Set([...block.key.subarray(0, block.count), ...updated[i]!]);
          for (const key of keys) held.quiet.touch(key);
          this.#note(changed, name, held, keys);
        }
      }
    }
    if (liveMs !== null) this.#takeQuiet(changed, liveMs);
    return changed;
  }

  #takeQuiet(changed: Map<string, Set<string | number>>, atMs: number): void {
    for (const [name, partitions] of this.#views) {
      for (const held of partitions) {
        const keys = held.quiet.take(atMs);
        this.quietUpdates.set(name, (this.quietUpdates.get(name) ?? 0) + keys.length);
        this.#note(changed, name, held, keys, false);
      }
    }
  }

  #note(
    changed: Map<string, Set<string | number>>,
    view: string,
    held: Held,
    keys: Iterable<number>,
    active = true,
  ): void {
    const set = changed.get(view) ?? new Set();
    changed.set(view, set);
    const recent = this.#recent.get(view)!;
    for (const k of keys) {
      const key = held.state.keys.keys[k]!;
      set.add(key);
      if (active) recent.add(key);
    }
  }
}
