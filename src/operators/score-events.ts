import { concatMap, type OperatorFunction } from 'rxjs';
import type { ScoringTask } from './scoring-task.js';
import type { Step } from './step.js';

/** Scores each step's events with every model. */
export function scoreEvents(models: readonly ScoringTask[]): OperatorFunction<Step, Step> {
  return concatMap(async (step) => {
    const scored = await Promise.all(models.map((model) => model.score(step)));
    step.scores = scored.flat();
    return step;
  });
}
