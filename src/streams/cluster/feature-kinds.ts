import { type Wanted, wanted } from '../../features/view-state.js';
import { type EventProbe, FeatureTask } from '../../operators/feature-task.js';
import type { Stage } from '../../operators/stage.js';
import { definitionOf, type Pipeline } from '../pipeline.js';
import { rowReader } from '../row-reader.js';
import { FeatureLogTask } from './feature-log-task.js';
import type { FeatureOutput } from './feature-output.js';
import type { FrameCache } from './frame-cache.js';
import type { TaskKind } from './log-task.js';
import type { Names } from './names.js';

export interface FeatureKindSettings {
  readonly pipeline: Pipeline;
  readonly names: Names;
  readonly partitions: number;
  readonly epoch: number;
  readonly latenessMs: number;
  readonly disorderMs: number;
  readonly probes: readonly EventProbe[];
  readonly cache: FrameCache;
  /** Which vectors of an event; those before it by default. */
  readonly vectors?: Wanted;
  /** What is made of a task's frames; called for each task. */
  readonly outputs: (stage: Stage, partition: number) => readonly FeatureOutput[];
}

/** The feature stages of a pipeline as kinds of tasks. */
export function featureKinds(settings: FeatureKindSettings): TaskKind[] {
  const { pipeline, names, partitions, epoch, latenessMs, disorderMs, probes, cache } = settings;
  const readRow = rowReader(pipeline.topics);
  return pipeline.stages.map((stage) => ({
    name: stage.name,
    topic: names.log(stage.name),
    definition: definitionOf(pipeline, partitions),
    create: (partition) => {
      const own = { epoch, latenessMs, wanted: settings.vectors ?? wanted.before, probes };
      return new FeatureLogTask({
        task: new FeatureTask(stage, partition, pipeline.topics, own),
        epoch,
        disorderMs,
        readRow,
        cache,
        outputs: settings.outputs(stage, partition),
      });
    },
  }));
}
