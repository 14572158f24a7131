import { binningOf, binningWithout } from '../monitors/binning.js';
import { advance, createSampler, type Sampler } from '../monitors/sampler.js';
import {
  restoreSampler,
  type SamplerSnapshot,
  snapshotSampler,
} from '../monitors/sampler-snapshot.js';
import type { Tick } from '../records/batch.js';
import type { Score } from '../records/score.js';
import type { VectorBlock } from './feature-task.js';
import { type MonitorClosing, type Monitored, sourceOf } from './monitor-plan.js';
import { sampleBlock, sampleScore } from './sample.js';

/** What counts are made against where there is no reference: entities alone are counted. */
export const noReference = 'none';

interface Own {
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
  readonly #own: readonly Own[];

  constructor(monitors: readonly Monitored[], groups: readonly string[], partition: number) {
    this.#own = monitors.flatMap((monitored) =>
      groups.flatMap((group): Own[] => {
        const source = sourceOf(monitored.plan, group, partition);
        return source < 0
          ? []
          : [{ monitored, group, source, sampler: samplerOf(monitored, group) }];
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

  dump(): Uint8Array {
    const kept = this.#own.map(({ monitored, group, sampler }): Kept => {
      return { monitor: monitored.plan.definition.name, group, sampler: snapshotSampler(sampler) };
    });
    return new TextEncoder().encode(JSON.stringify(kept));
  }

  /**
   * Periods that were counted against another reference are not gone on with.
   * @throws WeirError definition-changed where the features are others
   */
  restore(bytes: Uint8Array): void {
    const list: readonly Kept[] = JSON.parse(new TextDecoder().decode(bytes));
    for (const own of this.#own) {
      const { name } = own.monitored.plan.definition;
      const kept = list.find((one) => one.monitor === name && one.group === own.group);
      if (kept === undefined) continue;
      own.sampler = samplerOf(own.monitored, own.group);
      if (kept.sampler.referenceId === own.sampler.binning?.referenceId) {
        restoreSampler(own.sampler, kept.sampler);
        continue;
      }
      const { closedUpToMs, observedFromMs } = kept.sampler;
      own.sampler.closedUpToMs = closedUpToMs ?? Number.NEGATIVE_INFINITY;
      own.sampler.observedFromMs = observedFromMs ?? Number.POSITIVE_INFINITY;
    }
  }
}

interface Kept {
  readonly monitor: string;
  readonly group: string;
  readonly sampler: SamplerSnapshot;
}

function samplerOf({ plan, reference }: Monitored, group: string): Sampler {
  const { features, definition } = plan;
  const binning =
    binningOf(reference, features, group, definition) ??
    binningWithout(noReference, features, group, definition);
  const { periodMs, business, expectations } = definition;
  return createSampler({ group, features, periodMs, binning, business, expectations });
}

/** A closing is told when it says more than the one before. */
function move(own: Own, watermarkMs: number, closings: MonitorClosing[]): void {
  const { monitored, source, sampler } = own;
  const formerMs = sampler.closedUpToMs;
  const closing = advance(sampler, watermarkMs);
  if (closing.closedUpToMs === formerMs) return;
  closings.push({ monitor: monitored.plan.definition.name, source, closing });
}
