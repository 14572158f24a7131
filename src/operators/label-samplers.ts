import { labelsGroup } from '../monitors/binning.js';
import {
  advanceLabels,
  type LabelSampler,
  type LabelSamplerSnapshot,
  observeOutcome,
  restoreLabelSampler,
  snapshotLabelSampler,
} from '../monitors/label-sampler.js';
import type { Score } from '../records/score.js';
import {
  type HeldReference,
  heldBinnings,
  holdReference,
  type KeptReference,
  keepHeld,
  resumeHeld,
  settle,
  type ToldSwitch,
  takeSwitch,
} from './held-reference.js';
import { labelSamplerOf, type MonitorClosing, type Monitored, sourceOf } from './monitor-plan.js';
import { sampleLabelled } from './sample.js';

interface Own {
  readonly held: HeldReference;
  readonly monitored: Monitored;
  readonly source: number;
  readonly sampler: LabelSampler;
}

/** A sampler's snapshot by the name of its monitor; what it is held against came later. */
export type LabelSnapshots = Readonly<
  Record<string, LabelSamplerSnapshot & { readonly held?: KeptReference }>
>;

/** The labelled scores of one model in one task, for each monitor that has labels. */
export class LabelSamplers {
  readonly #own: readonly Own[];

  constructor(monitors: readonly Monitored[], model: string, partition: number) {
    this.#own = monitors.flatMap((monitored): Own[] => {
      const { plan } = monitored;
      const source = sourceOf(plan, labelsGroup, partition);
      if (plan.model?.name !== model || source < 0) return [];
      const held = holdReference(monitored);
      const { binning } = heldBinnings(held, labelsGroup);
      return [{ held, monitored, source, sampler: labelSamplerOf(plan, binning) }];
    });
  }

  /** Periods that are not closed by then are counted against another reference. */
  use(told: ToldSwitch): void {
    for (const { held, sampler } of this.#own) {
      if (!takeSwitch(held, told, sampler.closedUpToMs)) continue;
      settle(held, sampler.closedUpToMs);
      bin(held, sampler);
    }
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
      this.#own.map(({ held, monitored, sampler }) => [
        monitored.plan.definition.name,
        { ...snapshotLabelSampler(sampler), held: keepHeld(held) },
      ]),
    );
  }

  restore(kept: LabelSnapshots): void {
    for (const { held, monitored, sampler } of this.#own) {
      const own = kept[monitored.plan.definition.name];
      if (own === undefined) continue;
      resumeHeld(held, own.held);
      bin(held, sampler);
      restoreLabelSampler(sampler, own);
    }
  }
}

function bin(held: HeldReference, sampler: LabelSampler): void {
  const { binning, next } = heldBinnings(held, labelsGroup);
  sampler.binning = binning;
  sampler.next = next;
}
