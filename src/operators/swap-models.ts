import { concatMap, type OperatorFunction, of } from 'rxjs';
import type { ModelRegistry } from '../models/model-registry.js';
import { modelSwaps } from './hear-commands.js';
import type { MonitorTask } from './monitor-task.js';
import type { ScoringTask } from './scoring-task.js';
import type { Step } from './step.js';

/**
 * Lets another version of a model score from the batch on that says so; its file is known by its
 * SHA-256, so that a replay has the same.
 */
export function swapModels(
  models: readonly ScoringTask[],
  monitors: readonly MonitorTask[],
  registry: ModelRegistry,
): OperatorFunction<Step, Step> {
  const swap = async (step: Step): Promise<Step> => {
    for (const { monitor, version, replaces, sha256 } of modelSwaps(step.batch)) {
      const said = monitors.find(({ definition }) => definition.name === monitor);
      const model = models.find((one) => one.model.name === said?.definition.model);
      if (model?.version !== replaces) continue;
      model.use(await registry.open(model.model, version, sha256));
    }
    return step;
  };
  return concatMap((step) => ((step.batch.commands ?? []).length === 0 ? of(step) : swap(step)));
}
