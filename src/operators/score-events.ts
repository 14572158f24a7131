import { concatMap, identity, type OperatorFunction } from 'rxjs';
import type { ScoredModel } from './model-scorer.js';
import type { ScoringTask } from './scoring-task.js';
import type { Step } from './step.js';

/** Where scores are written first and read from when their batch comes again. */
export interface ScoreLog {
  /** What the models answered to the batch; undefined where it was not scored yet. */
  readonly find: (batch: number) => readonly ScoredModel[] | undefined;
  readonly append: (batch: number, scored: readonly ScoredModel[]) => void;
}

/**
 * Scores each step's events with every model. A batch that was scored before keeps its scores: the
 * first answer counts, whatever model is there now.
 */
export function scoreEvents(
  models: readonly ScoringTask[],
  log: ScoreLog | null,
): OperatorFunction<Step, Step> {
  if (models.length === 0) return identity;
  return concatMap(async (step) => {
    const { batch } = step.batch;
    const known = step.recovered ? log?.find(batch) : undefined;
    const former = (name: string): ScoredModel | null =>
      known?.find((one) => one.model === name) ?? null;
    const scored = await Promise.all(
      models.map((model) => model.score(step, former(model.model.name))),
    );
    if (known === undefined)
      log?.append(
        batch,
        scored.map((one) => one.answer),
      );
    step.scores = scored.flatMap((one) => one.scores);
    return step;
  });
}
