import { concatMap, type OperatorFunction, pipe, tap } from 'rxjs';
import type { Wanted } from '../features/view-state.js';
import type { LoadedModel } from '../models/load-model.js';
import { ModelRegistry } from '../models/model-registry.js';
import type { Reference } from '../monitors/reference.js';
import type { OnUnfit } from '../monitors/reference-fit.js';
import { computeFeatures } from '../operators/compute-features.js';
import { FeatureTask } from '../operators/feature-task.js';
import { type MonitorSnapshot, MonitorTask } from '../operators/monitor-task.js';
import { refusedFrame, routeBatch } from '../operators/route-batch.js';
import { type ScoreLog, scoreEvents } from '../operators/score-events.js';
import { probeOf, ScoringTask } from '../operators/scoring-task.js';
import type { Step } from '../operators/step.js';
import { swapModels } from '../operators/swap-models.js';
import { watchDrift } from '../operators/watch-drift.js';
import type { Batch } from '../records/batch.js';
import type { LogSet } from './log-set.js';
import type { Pipeline } from './pipeline.js';

export interface GraphSettings {
  readonly epoch: number;
  /** Log partitions of each stage. */
  readonly partitions: number;
  readonly latenessMs: number;
  readonly wanted: Wanted;
  /** By name; a model that is not here gets its inputs written with null scores. */
  readonly models: ReadonlyMap<string, LoadedModel>;
  /** By monitor. */
  readonly references: ReadonlyMap<string, Reference>;
  /** A monitor without a reference captures one from so many periods; null: it waits for one. */
  readonly capturePeriods: number | null;
  readonly onUnfit?: OnUnfit;
  /** Database in ClickHouse that retraining events name; `weir` by default. */
  readonly database?: string;
}

/** What takes a step at the graph's end; the next batch waits for it. */
export type Deliver = (step: Step) => Promise<void> | void;

/** The tasks of a pipeline in one process. */
export class Graph {
  readonly pipeline: Pipeline;
  readonly settings: GraphSettings;
  /** By stage, by partition. */
  readonly tasks: readonly (readonly FeatureTask[])[];
  readonly models: readonly ScoringTask[];
  readonly monitors: readonly MonitorTask[];
  /** Versions of the models, as they lie on this machine. */
  readonly registry: ModelRegistry;
  /** By model: what a snapshot says of it; null for the version that was loaded. */
  #kept: NonNullable<Rest['versions']> = [];

  constructor(pipeline: Pipeline, settings: GraphSettings) {
    const { partitions, epoch } = settings;
    this.pipeline = pipeline;
    this.settings = settings;
    this.registry = new ModelRegistry(settings.models.values());
    const probes = pipeline.models.map(probeOf);
    this.tasks = pipeline.stages.map((stage) =>
      Array.from({ length: partitions }, (_, partition) => {
        return new FeatureTask(stage, partition, pipeline.topics, { ...settings, probes });
      }),
    );
    this.models = pipeline.models.map((model, i) => {
      const loaded = settings.models.get(model.name) ?? null;
      const probe = probes.slice(0, i).filter((one) => one.view === model.first.name).length;
      return new ScoringTask(model, loaded, this.tasks.flat(), { epoch, partitions, probe });
    });
    this.monitors = pipeline.monitors.map((monitor) => {
      const scoring = this.models.find((one) => one.model.name === monitor.model);
      return new MonitorTask(monitor, {
        views: pipeline.views,
        model: scoring?.model ?? null,
        modelVersion: scoring?.version ?? 'none',
        reference: settings.references.get(monitor.name) ?? null,
        importance: settings.models.get(monitor.model)?.manifest.importance ?? null,
        partitions,
        capturePeriods: settings.capturePeriods,
        ...(settings.onUnfit && { onUnfit: settings.onUnfit }),
        ...(settings.database !== undefined && { database: settings.database }),
      });
    });
  }

  /** A batch, routed to its tasks' frames. */
  route(batch: Batch, recovered = false): Step {
    const { stages } = this.pipeline;
    const frames = stages.map((stage) => routeBatch(batch, stage, this.settings.partitions));
    const made = { outputs: [], scores: [], checks: [], emissions: [], judged: [], captured: [] };
    return { batch, frames, refused: refusedFrame(batch), recovered, ...made };
  }

  /**
   * What the diagram shows from the logs on.
   * @param scoreLog null where nothing is kept, because nothing will be recovered
   */
  operators(deliver: Deliver, scoreLog: ScoreLog | null = null): OperatorFunction<Step, Step> {
    return pipe(
      swapModels(this.models, this.monitors, this.registry),
      computeFeatures(this.tasks),
      scoreEvents(this.models, scoreLog),
      watchDrift(this.monitors),
      concatMap(async (step) => {
        await deliver(step);
        return step;
      }),
    );
  }

  /** By model; null where none is loaded. */
  get versions(): readonly (KeptModel | null)[] {
    return this.models.map(({ model, version, sha256 }) => {
      const configured = this.#configured(model.name);
      return sha256 === null ? null : { model: model.name, configured, version, sha256 };
    });
  }

  dump(): Map<string, readonly Uint8Array[]> {
    const parts = new Map(this.tasks.flat().flatMap((task) => [...task.dump(prefixOf(task))]));
    const rest: Rest = {
      models: this.models.map((model) => model.dump()),
      monitors: this.monitors.map((monitor) => monitor.dump()),
      versions: this.versions,
    };
    return parts.set('rest', [new TextEncoder().encode(JSON.stringify(rest))]);
  }

  restore(parts: ReadonlyMap<string, Uint8Array>): void {
    for (const task of this.tasks.flat()) task.restore(prefixOf(task), parts);
    const rest: Rest = JSON.parse(new TextDecoder().decode(parts.get('rest')));
    for (const [i, kept] of rest.models.entries()) this.models[i]!.restore(kept);
    for (const [i, kept] of rest.monitors.entries()) this.monitors[i]!.restore(kept);
    this.#kept = rest.versions ?? [];
  }

  /**
   * Takes up the versions of models that the snapshot says are in use, unless the pipeline is
   * started with others by now; to be awaited after `restore`.
   * @throws WeirError model-invalid where one does not lie there any more
   */
  async useKeptModels(): Promise<void> {
    for (const [i, kept] of this.#kept.entries()) {
      const task = this.models[i];
      if (kept === null || task === undefined || kept.version === task.version) continue;
      if (kept.configured !== this.#configured(task.model.name)) continue;
      task.use(await this.registry.open(task.model, kept.version, kept.sha256));
    }
  }

  #configured(model: string): string {
    return this.settings.models.get(model)?.manifest.version ?? 'none';
  }

  /** State in bytes and number of keys, over all views. */
  size(): { bytes: number; keys: number } {
    const views = this.tasks.flat().flatMap((task) => task.views);
    const bytes = views.reduce((sum, view) => sum + view.bytes, 0);
    return { bytes, keys: views.reduce((sum, view) => sum + view.keys.count, 0) };
  }
}

interface Rest {
  readonly models: readonly (readonly number[])[];
  readonly monitors: readonly MonitorSnapshot[];
  /** By model; left out by former versions of Weir, as its name is within. */
  readonly versions?: readonly (Omit<KeptModel, 'model'> | null)[];
}

/** The version of a model in use, and the one that the pipeline was started with. */
export interface KeptModel {
  readonly model: string;
  readonly configured: string;
  readonly version: string;
  readonly sha256: string;
}

function prefixOf(task: FeatureTask): string {
  return `${task.stage.name}.${task.partition}/`;
}

/** Writes each step to the logs before any task sees it. */
export function appendToLogs(logs: LogSet): OperatorFunction<Step, Step> {
  return tap((step) => logs.append(step.batch, step));
}
