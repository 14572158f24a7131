import type { ViewDefinition } from '../features/view.js';
import type { ModelDefinition } from '../models/definition.js';
import { binningOf } from '../monitors/binning.js';
import type { Check } from '../monitors/check.js';
import type { MonitorDefinition } from '../monitors/definition.js';
import type { Emission } from '../monitors/emission.js';
import type { MonitoredFeature } from '../monitors/monitored-feature.js';
import type { Reference } from '../monitors/reference.js';
import { advance, type Sampler, useBinning } from '../monitors/sampler.js';
import {
  restoreSampler,
  type SamplerSnapshot,
  snapshotSampler,
} from '../monitors/sampler-snapshot.js';
import { createWatch, type Watch, type WatchOptions, watch } from '../monitors/watch.js';
import { restoreWatch, snapshotWatch, type WatchSnapshot } from '../monitors/watch-snapshot.js';
import type { VectorBlock } from './feature-task.js';
import { type MonitorPlan, planMonitor, samplerOf, sourceOf } from './monitor-plan.js';
import { sampleBlock, sampleScore } from './sample.js';
import type { Step } from './step.js';
import { scoresGroup } from './watchable.js';

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
  readonly #plan: MonitorPlan;
  readonly #options: WatchOptions;
  /** By group, within it by partition. */
  readonly #samplers: Sampler[];
  #watch: Watch;

  constructor(definition: MonitorDefinition, sources: MonitorSources) {
    const { reference, modelVersion, capturePeriods } = sources;
    const plan = planMonitor(definition, sources);
    this.definition = definition;
    this.features = plan.features;
    this.#plan = plan;
    this.#options = {
      definition,
      features: plan.features,
      modelVersion,
      reference,
      sources: plan.sources,
      capturePeriods,
    };
    this.#watch = createWatch(this.#options);
    this.#samplers = plan.sources.map((group) => samplerOf(plan, group, reference));
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
    const { groups, partitions } = this.#plan;
    for (const group of groups) {
      for (let partition = 0; partition < partitions; partition++) {
        const source = sourceOf(this.#plan, group, partition);
        if (group === scoresGroup) this.#sampleScores(step, partition, source, output);
        else {
          const block = blockOf(step, group, partition);
          const move = (watermarkMs: number) => this.#advance(watermarkMs, source, output);
          sampleBlock(this.#samplers[source]!, block, step.batch.ticks, move);
        }
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
      const sampler = samplerOf(this.#plan, kept.group, this.#watch.reference);
      restoreSampler(sampler, kept);
      this.#samplers[i] = sampler;
    }
  }

  #sampleScores(step: Step, partition: number, source: number, output: Output): void {
    const sampler = this.#samplers[source]!;
    const { ticks } = step.batch;
    let tick = 0;
    for (const { score, order, partition: own } of step.scores) {
      if (own !== partition || score.model !== this.#plan.model?.name) continue;
      for (; tick < ticks.length && ticks[tick]!.index <= order; tick++)
        this.#advance(ticks[tick]!.watermarkMs, source, output);
      sampleScore(sampler, this.#plan, score);
    }
    for (; tick < ticks.length; tick++) this.#advance(ticks[tick]!.watermarkMs, source, output);
  }

  #advance(watermarkMs: number, source: number, output: Output): void {
    const closing = advance(this.#samplers[source]!, watermarkMs);
    const watched = watch(this.#watch, source, closing);
    output.checks.push(...watched.checks);
    output.emissions.push(...watched.emissions);
    if (watched.captured !== null) this.#use(watched.captured, output);
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
