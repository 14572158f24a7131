import type { ViewDefinition } from '../features/view.js';
import type { ModelDefinition } from '../models/definition.js';
import { compileOutcome } from '../models/event-columns.js';
import { binningOf, labelsGroup, type NextBinning, scoresGroup } from '../monitors/binning.js';
import type { Check } from '../monitors/check.js';
import type { Closing } from '../monitors/closed-period.js';
import type { MonitorDefinition } from '../monitors/definition.js';
import type { Emission } from '../monitors/emission.js';
import {
  advanceLabels,
  type LabelSampler,
  type LabelSamplerSnapshot,
  observeOutcome,
  restoreLabelSampler,
  snapshotLabelSampler,
} from '../monitors/label-sampler.js';
import type { MonitoredFeature } from '../monitors/monitored-feature.js';
import type { Importance } from '../monitors/ranking.js';
import type { Reference } from '../monitors/reference.js';
import type { OnUnfit } from '../monitors/reference-fit.js';
import { advance, type Sampler, useBinning } from '../monitors/sampler.js';
import {
  restoreSampler,
  type SamplerSnapshot,
  snapshotSampler,
} from '../monitors/sampler-snapshot.js';
import { createWatch, type Watch, type WatchOptions, watch } from '../monitors/watch.js';
import { restoreWatch, snapshotWatch, type WatchSnapshot } from '../monitors/watch-snapshot.js';
import type { VectorBlock } from './feature-task.js';
import { hearCommands, hearModel, optionsAfter } from './hear-commands.js';
import {
  labelSamplerOf,
  type MonitorPlan,
  planMonitor,
  samplerOf,
  sourceOf,
} from './monitor-plan.js';
import { type OrderedOutcome, outcomesOf } from './outcomes.js';
import { sampleBlock, sampleLabelled, sampleScore } from './sample.js';
import type { Step } from './step.js';

export interface MonitorSources {
  readonly views: readonly ViewDefinition[];
  readonly model: ModelDefinition | null;
  readonly modelVersion: string;
  readonly reference: Reference | null;
  readonly partitions: number;
  /** How much features weigh in the score; null where nothing is known of it. */
  readonly importance?: Importance | null;
  /** Without a reference: capture one from so many periods; null to wait for one. */
  readonly capturePeriods: number | null;
  readonly onUnfit?: OnUnfit;
  /** Database of the tables in ClickHouse. */
  readonly database?: string;
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
  #options: WatchOptions;
  readonly #onUnfit: OnUnfit;
  /** Version of the model that the engine was started with. */
  readonly #configured: string;
  /** By group, within it by partition; labels have samplers of their own. */
  readonly #samplers: Sampler[];
  /** By partition; none without labels. */
  readonly #labels: readonly LabelSampler[];
  readonly #isOutcome: ReturnType<typeof compileOutcome>;
  #watch: Watch;

  constructor(definition: MonitorDefinition, sources: MonitorSources) {
    const { reference, modelVersion, capturePeriods } = sources;
    const plan = planMonitor(definition, sources);
    this.definition = plan.definition;
    this.features = plan.features;
    this.#plan = plan;
    this.#options = {
      definition: plan.definition,
      features: plan.features,
      modelVersion,
      reference,
      sources: plan.sources,
      capturePeriods,
      importance: sources.importance ?? null,
    };
    this.#configured = modelVersion;
    this.#onUnfit = sources.onUnfit ?? (() => undefined);
    this.#watch = createWatch(this.#options);
    this.#samplers = plan.sources.map((group) => samplerOf(plan, group, reference));
    const binning = binningOf(reference, plan.features, labelsGroup, plan.definition);
    const labelled = plan.groups.includes(labelsGroup) ? sources.partitions : 0;
    this.#labels = Array.from({ length: labelled }, () => labelSamplerOf(plan, binning));
    this.#isOutcome = plan.model === null ? null : compileOutcome(plan.model);
  }

  get reference(): Reference | null {
    return this.#watch.reference;
  }

  get groups(): readonly string[] {
    return this.#plan.groups;
  }

  /** What takes the reference's place, ascending. */
  get switches(): Watch['switches'] {
    return this.#watch.switches;
  }

  get policy(): Watch['policy'] {
    return this.#watch.policy;
  }

  /** Vectors that came for a closed period, and entities beyond the limit. */
  get unsampled(): { readonly missed: number; readonly overflow: number } {
    const all = [...this.#samplers, ...this.#labels];
    const sum = (of: (sampler: Sampler | LabelSampler) => number): number =>
      all.reduce((total, sampler) => total + of(sampler), 0);
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
        else if (group === labelsGroup) this.#sampleLabels(step, partition, source, output);
        else {
          const block = blockOf(step, group, partition);
          const move = (watermarkMs: number) => this.#advance(watermarkMs, source, output);
          sampleBlock(this.#samplers[source]!, block, step.batch.ticks, move);
        }
      }
    }
    return output;
  }

  /** Takes what the step's batch says to the policy, before its samples: see `hearCommands`. */
  hear({ batch }: Step): readonly Emission[] {
    const { reference, switches } = this.#watch;
    const nextMs = () => this.#nextMs();
    hearCommands(this.#watch, batch, nextMs, this.#onUnfit);
    this.#follow(optionsAfter(this.#options, batch, this.#onUnfit));
    const emissions = hearModel(this.#watch, this.#options, nextMs);
    if (this.#watch.reference !== reference || this.#watch.switches !== switches) this.#bin();
    return emissions;
  }

  dump(): MonitorSnapshot {
    const samplers = this.#samplers.map(snapshotSampler);
    const labels = this.#labels.map(snapshotLabelSampler);
    const { modelVersion: version, importance = null } = this.#options;
    const model = { configured: this.#configured, version, importance };
    return { watch: snapshotWatch(this.#watch), samplers, labels, model };
  }

  restore(snapshot: MonitorSnapshot): void {
    const { configured, version, importance } = snapshot.model ?? {};
    if (version !== undefined && configured === this.#configured) {
      this.#options = { ...this.#options, modelVersion: version, importance: importance ?? null };
    }
    this.#watch = restoreWatch(this.#options, snapshot.watch);
    for (const [i, kept] of snapshot.samplers.entries()) {
      const sampler = samplerOf(this.#plan, kept.group, this.#watch.reference);
      sampler.next = this.#nextBinnings(kept.group);
      const later = sampler.next.map((one) => one.binning);
      restoreSampler(sampler, kept, later);
      this.#samplers[i] = sampler;
    }
    for (const [i, kept] of snapshot.labels.entries()) {
      this.#labels[i]!.binning = this.#labelBinning();
      this.#labels[i]!.next = this.#nextBinnings(labelsGroup);
      restoreLabelSampler(this.#labels[i]!, kept);
    }
  }

  #follow(options: WatchOptions): void {
    if (options === this.#options) return;
    this.#options = options;
    this.#watch = { ...this.#watch, options };
  }

  #labelBinning() {
    return binningOf(this.#watch.reference, this.features, labelsGroup, this.definition);
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

  /** Scores and outcomes in the order of their events; ticks at their places among them. */
  #sampleLabels(step: Step, partition: number, source: number, output: Output): void {
    const sampler = this.#labels[partition]!;
    const outcomes = this.#outcomesOf(step, partition);
    const { ticks } = step.batch;
    let tick = 0;
    let outcome = 0;
    const upTo = (order: number): void => {
      for (; outcome < outcomes.length && outcomes[outcome]!.order <= order; outcome++) {
        moveTo(outcomes[outcome]!.order);
        const { key, item, timeMs } = outcomes[outcome]!;
        observeOutcome(sampler, key, item, timeMs);
      }
      moveTo(order);
    };
    const moveTo = (order: number): void => {
      for (; tick < ticks.length && ticks[tick]!.index <= order; tick++) {
        this.#take(advanceLabels(sampler, ticks[tick]!.watermarkMs), source, output);
      }
    };
    for (const { score, order, partition: own, item } of step.scores) {
      if (own !== partition || score.model !== this.#plan.model?.name) continue;
      upTo(order);
      sampleLabelled(sampler, this.#plan, score, item);
    }
    upTo(Number.POSITIVE_INFINITY);
  }

  #outcomesOf(step: Step, partition: number): readonly OrderedOutcome[] {
    const { model } = this.#plan;
    const block = model === null ? undefined : blockOf(step, model.first.name, partition);
    return block === undefined ? [] : outcomesOf(block, model!, this.#isOutcome!);
  }

  #advance(watermarkMs: number, source: number, output: Output): void {
    this.#take(advance(this.#samplers[source]!, watermarkMs), source, output);
  }

  #take(closing: Closing, source: number, output: Output): void {
    const { reference } = this.#watch;
    const watched = watch(this.#watch, source, closing);
    output.checks.push(...watched.checks);
    output.emissions.push(...watched.emissions);
    if (watched.captured !== null) output.captured.push(watched.captured);
    if (this.#watch.reference !== reference) this.#bin();
  }

  /** Samplers count against the references of the watch from now on. */
  #bin(): void {
    const { reference } = this.#watch;
    for (const sampler of this.#samplers) {
      const binning = binningOf(reference, this.features, sampler.group, this.definition);
      if (binning !== null) useBinning(sampler, binning, this.#nextBinnings(sampler.group));
    }
    for (const sampler of this.#labels) {
      sampler.binning = this.#labelBinning();
      sampler.next = this.#nextBinnings(labelsGroup);
    }
  }

  #nextBinnings(group: string): readonly NextBinning[] {
    return this.#watch.switches.flatMap(({ fromMs, reference }) => {
      const binning = binningOf(reference, this.features, group, this.definition);
      return binning === null ? [] : [{ fromMs, binning }];
    });
  }

  /** Start of the first period that no sampler has opened: all count one against one reference. */
  #nextMs(): number {
    const { periodMs } = this.definition;
    const opened = this.#samplers.flatMap(({ open }) => [...open.keys()]);
    const closed = [...this.#samplers, ...this.#labels].map((one) => one.closedUpToMs);
    return Math.max(...closed, ...opened.map((period) => (period + 1) * periodMs));
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
  readonly labels: readonly LabelSamplerSnapshot[];
  /** The version in use, and the one that the engine was started with; it came later. */
  readonly model?: {
    readonly configured: string;
    readonly version: string;
    readonly importance: Importance | null;
  };
}

function blockOf(step: Step, view: string, partition: number): VectorBlock | undefined {
  return step.outputs
    .map((outputs) => outputs[partition]!)
    .flatMap((output) => output.blocks)
    .find((block) => block.view.definition.name === view);
}
