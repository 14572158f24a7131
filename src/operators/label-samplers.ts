import { binningOf, binningWithout, labelsGroup } from '../monitors/binning.js';
import {
  advanceLabels,
  type LabelSampler,
  type LabelSamplerSnapshot,
  observeOutcome,
  restoreLabelSampler,
  snapshotLabelSampler,
} from '../monitors/label-sampler.js';
import type { Score } from '../records/score.js';
import { labelSamplerOf, type MonitorClosing, type Monitored, sourceOf } from './monitor-plan.js';
import { noReference } from './monitor-samplers.js';
import { sampleLabelled } from './sample.js';

interface Own {
  readonly monitored: Monitored;
  readonly source: number;
  readonly sampler: LabelSampler;
}

/** A sampler's snapshot by the name of its monitor. */
export type LabelSnapshots = Readonly<Record<string, LabelSamplerSnapshot>>;

/** The labelled scores of one model in one task, for each monitor that has labels. */
export class LabelSamplers {
  readonly #own: readonly Own[];

  constructor(monitors: readonly Monitored[], model: string, partition: number) {
    this.#own = monitors.flatMap((monitored): Own[] => {
      const { plan, reference } = monitored;
      const source = sourceOf(plan, labelsGroup, partition);
      if (plan.model?.name !== model || source < 0) return [];
      const { features, definition } = plan;
      const binning =
        binningOf(reference, features, labelsGroup, definition) ??
        binningWithout(noReference, features, labelsGroup, definition);
      return [{ monitored, source, sampler: labelSamplerOf(plan, binning) }];
    });
  }

  score(score: Score, item: string | number): void {
    for (const { monitored, sampler } of this.#own) {
      sampleLabelled(sampler, monitored.plan, score, item);
    }
  }

  outcome(key: string | number, item: string | number, timeMs: number): void {
    for (const { sampler } of this.#own) observeOutcome(sampler, key, item, timeMs);
  }

  advance(watermarkMs: number): MonitorClosing[] {
    return this.#own.flatMap(({ monitored, source, sampler }): MonitorClosing[] => {
      const formerMs = sampler.closedUpToMs;
      const closing = advanceLabels(sampler, watermarkMs);
      const monitor = monitored.plan.definition.name;
      return closing.closedUpToMs === formerMs ? [] : [{ monitor, source, closing }];
    });
  }

  dump(): LabelSnapshots {
    return Object.fromEntries(
      this.#own.map(({ monitored, sampler }) => [
        monitored.plan.definition.name,
        snapshotLabelSampler(sampler),
      ]),
    );
  }

  restore(kept: LabelSnapshots): void {
    for (const { monitored, sampler } of this.#own) {
      const own = kept[monitored.plan.definition.name];
      if (own !== undefined) restoreLabelSampler(sampler, own);
    }
  }
}
