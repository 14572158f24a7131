import { concatMap, type OperatorFunction, pipe, tap } from 'rxjs';
import { computeFeatures } from '../operators/compute-features.js';
import { FeatureTask, type TaskSettings } from '../operators/feature-task.js';
import { refusedFrame, routeBatch } from '../operators/route-batch.js';
import type { Step } from '../operators/step.js';
import type { Batch } from '../records/batch.js';
import type { LoggedBatch, LogSet } from './log-set.js';
import type { Pipeline } from './pipeline.js';

export interface GraphSettings extends TaskSettings {
  /** Log partitions of each stage. */
  readonly partitions: number;
}

/** What takes a step at the graph's end; the next batch waits for it. */
export type Deliver = (step: Step) => Promise<void> | void;

/** The tasks of a pipeline in one process. */
export class Graph {
  readonly pipeline: Pipeline;
  readonly settings: GraphSettings;
  /** By stage, by partition. */
  readonly tasks: readonly (readonly FeatureTask[])[];

  constructor(pipeline: Pipeline, settings: GraphSettings) {
    this.pipeline = pipeline;
    this.settings = settings;
    this.tasks = pipeline.stages.map((stage) =>
      Array.from(
        { length: settings.partitions },
        (_, partition) => new FeatureTask(stage, partition, pipeline.topics, settings),
      ),
    );
  }

  /** A batch fresh from ingest, routed. */
  route(batch: Batch): Step {
    const { stages } = this.pipeline;
    const frames = stages.map((stage) => routeBatch(batch, stage, this.settings.partitions));
    return { batch, frames, refused: refusedFrame(batch), recovered: false, outputs: [] };
  }

  /** The graph: what the diagram shows from the logs on. */
  operators(deliver: Deliver): OperatorFunction<Step, Step> {
    return pipe(
      computeFeatures(this.tasks),
      concatMap(async (step) => {
        await deliver(step);
        return step;
      }),
    );
  }

  dump(): Map<string, readonly Uint8Array[]> {
    return new Map(this.tasks.flat().flatMap((task) => [...task.dump(prefixOf(task))]));
  }

  restore(parts: ReadonlyMap<string, Uint8Array>): void {
    for (const task of this.tasks.flat()) task.restore(prefixOf(task), parts);
  }

  /** State in bytes and number of keys, over all views. */
  size(): { bytes: number; keys: number } {
    const views = this.tasks.flat().flatMap((task) => task.views);
    const bytes = views.reduce((sum, view) => sum + view.bytes, 0);
    return { bytes, keys: views.reduce((sum, view) => sum + view.keys.count, 0) };
  }
}

function prefixOf(task: FeatureTask): string {
  return `${task.stage.name}.${task.partition}/`;
}

/** Writes each step to the logs before any task sees it. */
export function appendToLogs(logs: LogSet): OperatorFunction<Step, Step> {
  return tap((step) => logs.append(step.batch, step));
}

/** A batch read back from the logs; its columns are those of its frames. */
export function recoveredStep({ frames, refused }: LoggedBatch): Step {
  return { batch: refused.batch, frames, refused, recovered: true, outputs: [] };
}
