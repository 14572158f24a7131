import { advance, createSampler, type Sampler, useBinning } from '../monitors/sampler.js';
import {
  restoreSampler,
  type SamplerSnapshot,
  snapshotSampler,
} from '../monitors/sampler-snapshot.js';
import type { Tick } from '../records/batch.js';
import type { Score } from '../records/score.js';
import type { VectorBlock } from './feature-task.js';
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
import { type MonitorClosing, type Monitored, sourceOf } from './monitor-plan.js';
import { sampleBlock, sampleScore } from './sample.js';

interface Own {
  readonly held: HeldReference;
  readonly monitored: Monitored;
  readonly group: string;
  readonly source: number;
  sampler: Sampler;
}

/**
 * The samplers of all monitors in one task: of a feature task, its views; of a task of scores, the
 * group `scores`. What they close is a pure function of the task's log; a repeat of it is known by
 * how far it says it has closed.
 *
 * Use in a feature task: `new MonitorSamplers(monitorsOf(pipeline, loaded, partitions),
 * stage.views.map((view) => view.name), partition)`; after `task.process(frame)` append each of
 * `blocks(output.blocks, ticks)` to the monitor log as `closingJson`, in order; `dump` goes into
 * the task's snapshot.
 */
export class MonitorSamplers {
  readonly #held: readonly HeldReference[];
  readonly #own: readonly Own[];

  constructor(monitors: readonly Monitored[], groups: readonly string[], partition: number) {
    this.#held = monitors.map(holdReference);
    this.#own = this.#held.flatMap((held) =>
      groups.flatMap((group): Own[] => {
        const { monitored } = held;
        const source = sourceOf(monitored.plan, group, partition);
        if (source < 0) return [];
        return [{ held, monitored, group, source, sampler: samplerOf(held, group) }];
      }),
    );
  }

  /** Vectors that came for a closed period, and entities beyond the limit. */
  get unsampled(): { readonly missed: number; readonly overflow: number } {
    const sum = (of: (sampler: Sampler) => number): number =>
      this.#own.reduce((total, { sampler }) => total + of(sampler), 0);
    return { missed: sum((s) => s.missed), overflow: sum((s) => s.overflow) };
  }

  /** Samples a frame's vectors; ticks of other topics than a view's events do not move it. */
  blocks(blocks: readonly VectorBlock[], ticks: readonly Tick[]): MonitorClosing[] {
    const closings: MonitorClosing[] = [];
    for (const own of this.#own) {
      const block = blocks.find((one) => one.view.definition.name === own.group);
      if (block === undefined) continue;
      const { topic } = block.view.definition.source;
      const moves = ticks.filter((tick) => tick.topic === topic);
      sampleBlock(own.sampler, block, moves, (watermarkMs) => move(own, watermarkMs, closings));
    }
    return closings;
  }

  /** Samples a score for the monitors of its model. */
  score(score: Score): void {
    for (const { monitored, sampler } of this.#own) {
      if (monitored.plan.model?.name === score.model) sampleScore(sampler, monitored.plan, score);
    }
  }

  /** Moves the monitors of a model to a watermark. */
  advance(model: string, watermarkMs: number): MonitorClosing[] {
    const closings: MonitorClosing[] = [];
    for (const own of this.#own) {
      if (own.monitored.plan.model?.name === model) move(own, watermarkMs, closings);
    }
    return closings;
  }

  /** Periods that no sampler of the task has opened are counted against another reference. */
  use(told: ToldSwitch): void {
    for (const held of this.#held) {
      const own = this.#own.filter((one) => one.held === held);
      if (own.length === 0) continue;
      if (!takeSwitch(held, told, Math.max(...own.map(({ sampler }) => nextMs(sampler))))) continue;
      settle(held, Math.min(...own.map(({ sampler }) => sampler.closedUpToMs)));
      for (const { group, sampler } of own) {
        const { binning, next } = heldBinnings(held, group);
        useBinning(sampler, binning, next);
      }
    }
  }

  dump(): Uint8Array {
    const samplers = this.#own.map(({ monitored, group, sampler }): KeptSampler => {
      return { monitor: monitored.plan.definition.name, group, sampler: snapshotSampler(sampler) };
    });
    const held = this.#held.map((one) => {
      return [one.monitored.plan.definition.name, keepHeld(one)] as const;
    });
    const kept: Kept = { samplers, held };
    return new TextEncoder().encode(JSON.stringify(kept));
  }

  /**
   * Periods that were counted against another reference are not gone on with.
   * @throws WeirError definition-changed where the features are others
   */
  restore(bytes: Uint8Array): void {
    // A list alone is of before references were switched.
    const parsed: Kept | readonly KeptSampler[] = JSON.parse(new TextDecoder().decode(bytes));
    const { samplers, held }: Kept = 'held' in parsed ? parsed : { samplers: parsed, held: [] };
    for (const one of this.#held) {
      const { name } = one.monitored.plan.definition;
      resumeHeld(one, held.find(([monitor]) => monitor === name)?.[1]);
    }
    for (const own of this.#own) {
      const { name } = own.monitored.plan.definition;
      const kept = samplers.find((one) => one.monitor === name && one.group === own.group);
      if (kept === undefined) continue;
      own.sampler = samplerOf(own.held, own.group);
      if (kept.sampler.referenceId === own.sampler.binning?.referenceId) {
        const later = own.sampler.next.map((one) => one.binning);
        restoreSampler(own.sampler, kept.sampler, later);
        continue;
      }
      const { closedUpToMs, observedFromMs } = kept.sampler;
      own.sampler.closedUpToMs = closedUpToMs ?? Number.NEGATIVE_INFINITY;
      own.sampler.observedFromMs = observedFromMs ?? Number.POSITIVE_INFINITY;
    }
  }
}

interface KeptSampler {
  readonly monitor: string;
  readonly group: string;
  readonly sampler: SamplerSnapshot;
}

interface Kept {
  readonly samplers: readonly KeptSampler[];
  readonly held: readonly (readonly [monitor: string, KeptReference])[];
}

function samplerOf(held: HeldReference, group: string): Sampler {
  const { features, definition } = held.monitored.plan;
  const { binning, next } = heldBinnings(held, group);
  const { periodMs, business, expectations } = definition;
  const sampler = createSampler({ group, features, periodMs, binning, business, expectations });
  sampler.next = next;
  return sampler;
}

/** Start of the first period that the sampler has not opened; -Infinity before any. */
function nextMs({ open, closedUpToMs, periodMs }: Sampler): number {
  return Math.max(closedUpToMs, ...[...open.keys()].map((period) => (period + 1) * periodMs));
}

/** A closing is told when it says more than the one before. */
function move(own: Own, watermarkMs: number, closings: MonitorClosing[]): void {
  const { monitored, source, sampler } = own;
  const formerMs = sampler.closedUpToMs;
  const closing = advance(sampler, watermarkMs);
  if (closing.closedUpToMs === formerMs) return;
  closings.push({ monitor: monitored.plan.definition.name, source, closing });
}
