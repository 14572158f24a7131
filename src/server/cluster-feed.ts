import type { ModelRegistry } from '../models/model-registry.js';
import type { Check } from '../monitors/check.js';
import { type Emission, emissionId } from '../monitors/emission.js';
import type { Monitored } from '../operators/monitor-plan.js';
import type { Score } from '../records/score.js';
import type { Latest } from '../records/vector.js';
import type { FeatureOutput, TakenFrame } from '../streams/cluster/feature-output.js';
import type { ModelObserver } from '../streams/cluster/model-parts.js';
import { DriftHistory } from '../streams/live/drift-history.js';
import { RecentKeys } from '../streams/live/recent-keys.js';
import type { Metrics } from '../telemetry/metrics.js';
import { alertOf, retrainingOf } from './drift-view.js';
import type { EngineEvent } from './engine-view.js';
import { countJudged, countScores } from './model-metrics.js';
import { type SinkMeters, sinkMeters } from './sink-metrics.js';

/** Events of a frame that are looked at for their keys: the last ones. */
const keysLookedAt = 16;

/** What the tasks of this process tell while they work: for the page, the stream and metrics. */
export class ClusterFeed {
  readonly history = new DriftHistory();
  readonly listeners = new Set<(event: EngineEvent) => void>();
  readonly meters: SinkMeters;
  /** One more output of every feature task. */
  readonly output: FeatureOutput;
  readonly observer: ModelObserver;
  /** Scores written since the start. */
  scores = 0;
  /** Null until the models are loaded; empty where there is none. */
  monitors: readonly Monitored[] | null = null;
  /** Versions of the models on this machine; null until they are loaded. */
  registry: ModelRegistry | null = null;
  readonly #metrics: Metrics;
  /** By view. */
  readonly #recent = new Map<string, RecentKeys>();

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
    this.meters = sinkMeters(metrics);
    this.output = {
      frame: (taken) => this.#seen(taken),
      latest: (latests) => this.#changed(latests),
    };
    this.observer = {
      scored: (scores) => this.#scored(scores),
      judged: (checks, emissions) => this.#judged(checks, emissions),
      fenced: () => metrics.add('weir_fenced_transactions_total', {}),
    };
  }

  /** Keys of a view with the newest events, newest first. */
  recentKeys(view: string, limit: number): readonly (string | number)[] {
    return this.#recent.get(view)?.newest(limit) ?? [];
  }

  #tell(event: EngineEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  /** Keys that had events; a vector changes by time alone too. */
  #seen({ task, output }: TakenFrame): void {
    for (const [i, { key, count }] of output.blocks.entries()) {
      const { definition, keys } = task.views[i]!;
      let recent = this.#recent.get(definition.name);
      if (recent === undefined) {
        recent = new RecentKeys();
        this.#recent.set(definition.name, recent);
      }
      const from = Math.max(0, count - keysLookedAt);
      for (let row = from; row < count; row++) recent.add(keys.keys[key[row]!]!);
    }
  }

  #changed(latests: readonly Latest[]): void {
    if (this.listeners.size === 0) return;
    const keys = new Map<string, (string | number)[]>();
    for (const { view, key } of latests) {
      const list = keys.get(view.name) ?? [];
      keys.set(view.name, list);
      list.push(key);
    }
    for (const [view, list] of keys) this.#tell({ kind: 'features', view, keys: list });
  }

  #scored(scores: readonly Score[]): void {
    if (scores.length === 0) return;
    this.scores += scores.length;
    countScores(scores, this.#metrics);
    this.#tell({ kind: 'scores', scores });
  }

  #judged(checks: readonly Check[], emissions: readonly Emission[]): void {
    const fresh = emissions.filter((emission) => !this.#isKnown(emission));
    countJudged(checks, fresh, this.#metrics);
    this.history.addChecks(checks);
    for (const emission of fresh) {
      this.history.addEmission(emission);
      if (emission.kind === 'alert') this.#tell({ kind: 'alert', alert: alertOf(emission) });
      else this.#tell({ kind: 'retraining', event: retrainingOf(emission) });
    }
  }

  /** A task that comes again judges what it judged before. */
  #isKnown(emission: Emission): boolean {
    const { alerts, retraining } = this.history;
    const id = emissionId(emission);
    return [...alerts, ...retraining].some((one) => emissionId(one) === id);
  }
}
