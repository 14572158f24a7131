import { map, type OperatorFunction } from 'rxjs';
import type { FeatureTask } from './feature-task.js';
import type { Step } from './step.js';

/**
 * Runs each frame through its task.
 * @param tasks by stage, by partition
 */
export function computeFeatures(
  tasks: readonly (readonly FeatureTask[])[],
): OperatorFunction<Step, Step> {
  return map((step) => {
    step.outputs = tasks.map((partitions, stage) =>
      partitions.map((task, partition) => task.process(step.frames[stage]![partition]!)),
    );
    return step;
  });
}
