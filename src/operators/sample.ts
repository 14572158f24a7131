import type { FeatureValue } from '../features/shape.js';
import { observe, type Sampler, wants } from '../monitors/sampler.js';
import type { Tick } from '../records/batch.js';
import type { Score } from '../records/score.js';
import type { VectorBlock } from './feature-task.js';
import type { MonitorPlan } from './monitor-plan.js';

/** Samples one row of a block. */
function sampleVector(sampler: Sampler, block: VectorBlock, row: number): void {
  const { view } = block;
  const k = block.key[row]!;
  const asOfMs = block.asOfMs[row]!;
  if (!wants(sampler, k, asOfMs)) return;
  const values = view.values(block.numbers, row * view.numbers, block.others, row * view.others);
  observe(sampler, k, asOfMs, values);
}

/** Samples a block in order; `advance` is called with each tick at its place among the rows. */
export function sampleBlock(
  sampler: Sampler,
  block: VectorBlock | undefined,
  ticks: readonly Tick[],
  advance: (watermarkMs: number) => void,
): void {
  let tick = 0;
  for (let row = 0; block !== undefined && row < block.count; row++) {
    const order = block.frame.order[block.event[row]!]!;
    for (; tick < ticks.length && ticks[tick]!.index <= order; tick++)
      advance(ticks[tick]!.watermarkMs);
    sampleVector(sampler, block, row);
  }
  for (; tick < ticks.length; tick++) advance(ticks[tick]!.watermarkMs);
}

/** Samples a score of the monitored model. */
export function sampleScore(sampler: Sampler, plan: MonitorPlan, score: Score): void {
  if (!wants(sampler, score.key, score.timeMs)) return;
  const given = plan.scoreInputs.map((name) => score.inputs[name] ?? null);
  const values: readonly FeatureValue[] = [score.score, ...given];
  observe(sampler, score.key, score.timeMs, values);
}
