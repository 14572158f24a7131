import type { FeatureValue } from '../features/shape.js';
import type { ViewDefinition } from '../features/view.js';
import type { ModelDefinition } from '../models/definition.js';
import { binningOf } from '../monitors/binning.js';
import type { Check } from '../monitors/check.js';
import type { MonitorDefinition } from '../monitors/definition.js';
import type { Emission } from '../monitors/emission.js';
import { type MonitoredFeature, monitoredFeatures } from '../monitors/monitored-feature.js';
import type { Reference } from '../monitors/reference.js';
import {
  advance,
  createSampler,
  observe,
  type Sampler,
  useBinning,
  wants,
} from '../monitors/sampler.js';
import {
  restoreSampler,
  type SamplerSnapshot,
  snapshotSampler,
} from '../monitors/sampler-snapshot.js';
import { createWatch, type Watch, type WatchOptions, watch } from '../monitors/watch.js';
import { restoreWatch, snapshotWatch, type WatchSnapshot } from '../monitors/watch-snapshot.js';
import type { Tick } from '../records/batch.js';
import type { VectorBlock } from './feature-task.js';
import type { Step } from './step.js';
import { scoresGroup, watchable, withoutTwins } from './watchable.js';

export interface MonitorSources {
  readonly views: readonly ViewDefinition[];
  readonly model: ModelDefinition | null;
  readonly modelVersion: string;
  readonly reference: Reference | null;
  readonly partitions: number;
  /** Without a reference: capture one from so many periods; null to wait for one. */
  readonly capturePeriods: number | null;
}

export interface MonitorOutput {
  readonly checks: readonly Check[];
  readonly emissions: readonly Emission[];
  readonly captured: readonly Reference[];
}

/** One monitor: a sampler per group and partition, and the policy task that adds them up. */
export class MonitorTask {
  readonly definition: MonitorDefinition;
  readonly features: readonly MonitoredFeature[];
  readonly #groups: readonly string[];
  readonly #partitions: number;
  readonly #model: ModelDefinition | null;
  /** What stands in a score's `inputs`, in the order of what can be watched. */
  readonly #names: readonly string[];
  readonly #options: WatchOptions;
  /** By group, within it by partition. */
  readonly #samplers: Sampler[];
  #watch: Watch;

  constructor(definition: MonitorDefinition, sources: MonitorSources) {
    const { partitions, reference, modelVersion, capturePeriods, model, views } = sources;
    this.definition = definition;
    this.#partitions = partitions;
    this.#model = model;
    this.#names = [...(model?.inputs ?? []), ...(model?.recorded ?? [])].map(({ name }) => name);
    const named = withoutTwins(definition, views, model);
    this.features = monitoredFeatures(named, watchable(views, model));
    this.#groups = [...new Set(this.features.map((feature) => feature.group))];
    const list = this.#groups.flatMap((group) => Array.from({ length: partitions }, () => group));
    this.#options = {
      definition,
      features: this.features,
      modelVersion,
      reference,
      sources: list,
      capturePeriods,
    };
    this.#watch = createWatch(this.#options);
    this.#samplers = list.map((group) => this.#sampler(group, reference));
  }

  get reference(): Reference | null {
    return this.#watch.reference;
  }

  get policy(): Watch['policy'] {
    return this.#watch.policy;
  }

  /** Vectors that came for a closed period, and entities beyond the limit. */
  get unsampled(): { readonly missed: number; readonly overflow: number } {
    const sum = (of: (sampler: Sampler) => number): number =>
      this.#samplers.reduce((total, sampler) => total + of(sampler), 0);
    return { missed: sum((s) => s.missed), overflow: sum((s) => s.overflow) };
  }

  /** Samples a step's vectors and scores; evaluates the periods that its ticks close. */
  process(step: Step): MonitorOutput {
    const output = {
      checks: [] as Check[],
      emissions: [] as Emission[],
      captured: [] as Reference[],
    };
    for (const [g, group] of this.#groups.entries()) {
      for (let partition = 0; partition < this.#partitions; partition++) {
        const source = g * this.#partitions + partition;
        if (group === scoresGroup) this.#sampleScores(step, partition, source, output);
        else this.#sampleVectors(step, group, partition, source, output);
      }
    }
    return output;
  }

  dump(): MonitorSnapshot {
    return { watch: snapshotWatch(this.#watch), samplers: this.#samplers.map(snapshotSampler) };
  }

  restore(snapshot: MonitorSnapshot): void {
    this.#watch = restoreWatch(this.#options, snapshot.watch);
    for (const [i, kept] of snapshot.samplers.entries()) {
      const sampler = this.#sampler(kept.group, this.#watch.reference);
      restoreSampler(sampler, kept);
      this.#samplers[i] = sampler;
    }
  }

  #sampler(group: string, reference: Reference | null): Sampler {
    const binning = binningOf(reference, this.features, group);
    return createSampler({
      group,
      features: this.features,
      periodMs: this.definition.periodMs,
      binning,
    });
  }

  #sampleVectors(
    step: Step,
    group: string,
    partition: number,
    source: number,
    output: Output,
  ): void {
    const sampler = this.#samplers[source]!;
    const { ticks } = step.batch;
    const block = blockOf(step, group, partition);
    let tick = 0;
    for (let row = 0; block !== undefined && row < block.count; row++) {
      const order = block.frame.order[block.event[row]!]!;
      tick = this.#advance(ticks, tick, order, source, output);
      const { view } = block;
      const k = block.key[row]!;
      const asOfMs = block.asOfMs[row]!;
      if (!wants(sampler, k, asOfMs)) continue;
      const values = view.values(
        block.numbers,
        row * view.numbers,
        block.others,
        row * view.others,
      );
      observe(sampler, k, asOfMs, values);
    }
    this.#advance(ticks, tick, Number.POSITIVE_INFINITY, source, output);
  }

  #sampleScores(step: Step, partition: number, source: number, output: Output): void {
    const sampler = this.#samplers[source]!;
    const { ticks } = step.batch;
    let tick = 0;
    for (const { score, order, partition: own } of step.scores) {
      if (own !== partition || score.model !== this.#model?.name) continue;
      tick = this.#advance(ticks, tick, order, source, output);
      if (!wants(sampler, score.key, score.timeMs)) continue;
      const given = this.#names.map((name) => score.inputs[name] ?? null);
      const values: readonly FeatureValue[] = [score.score, ...given];
      observe(sampler, score.key, score.timeMs, values);
    }
    this.#advance(ticks, tick, Number.POSITIVE_INFINITY, source, output);
  }

  /** Lets the ticks up to a record move the sampler; gives the first tick behind it. */
  #advance(
    ticks: readonly Tick[],
    from: number,
    order: number,
    source: number,
    output: Output,
  ): number {
    let tick = from;
    for (; tick < ticks.length && ticks[tick]!.index <= order; tick++) {
      const closing = advance(this.#samplers[source]!, ticks[tick]!.watermarkMs);
      const watched = watch(this.#watch, source, closing);
      output.checks.push(...watched.checks);
      output.emissions.push(...watched.emissions);
      if (watched.captured !== null) this.#use(watched.captured, output);
    }
    return tick;
  }

  #use(reference: Reference, output: Output): void {
    output.captured.push(reference);
    for (const sampler of this.#samplers) {
      const binning = binningOf(reference, this.features, sampler.group);
      if (binning !== null) useBinning(sampler, binning);
    }
  }
}

interface Output {
  readonly checks: Check[];
  readonly emissions: Emission[];
  readonly captured: Reference[];
}

export interface MonitorSnapshot {
  readonly watch: WatchSnapshot;
  readonly samplers: readonly SamplerSnapshot[];
}

function blockOf(step: Step, view: string, partition: number): VectorBlock | undefined {
  return step.outputs
    .map((outputs) => outputs[partition]!)
    .flatMap((output) => output.blocks)
    .find((block) => block.view.definition.name === view);
}
