import type { FeatureValue } from '../features/shape.js';
import {
  countScore,
  type LabelSampler,
  observeScore,
  wantsScore,
} from '../monitors/label-sampler.js';
import { countEvent, observe, type Sampler, wants } from '../monitors/sampler.js';
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

/** The event of a row counts by its own time, whoever it is of. */
function countRow(sampler: Sampler, { frame, event }: VectorBlock, row: number): void {
  const { batch, index } = frame;
  const at = index[event[row]!]!;
  countEvent(sampler, batch.timesMs[at]!, batch.rows[at]!);
}

/** Samples a block in order; `advance` is called with each tick at its place among the rows. */
export function sampleBlock(
  sampler: Sampler,
  block: VectorBlock | undefined,
  ticks: readonly Tick[],
  advance: (watermarkMs: number) => void,
): void {
  let tick = 0;
  const counts = sampler.events !== null;
  for (let row = 0; block !== undefined && row < block.count; row++) {
    const order = block.frame.order[block.event[row]!]!;
    for (; tick < ticks.length && ticks[tick]!.index <= order; tick++)
      advance(ticks[tick]!.watermarkMs);
    if (counts) countRow(sampler, block, row);
    sampleVector(sampler, block, row);
  }
  for (; tick < ticks.length; tick++) advance(ticks[tick]!.watermarkMs);
}

/** Samples a score of the monitored model. */
export function sampleScore(sampler: Sampler, plan: MonitorPlan, score: Score): void {
  if (!wants(sampler, score.key, score.timeMs)) return;
  observe(sampler, score.key, score.timeMs, scoreValues(plan, score));
}

/** Keeps a score of the monitored model until its label is known. */
export function sampleLabelled(
  sampler: LabelSampler,
  plan: MonitorPlan,
  score: Score,
  item: string | number,
): void {
  countScore(sampler, score.timeMs);
  if (!wantsScore(sampler, score.key, score.timeMs)) return;
  observeScore(sampler, score.key, item, score.timeMs, scoreValues(plan, score));
}

function scoreValues(plan: MonitorPlan, { score, inputs }: Score): readonly FeatureValue[] {
  return [score, ...plan.scoreInputs.map((name) => inputs[name] ?? null)];
}
