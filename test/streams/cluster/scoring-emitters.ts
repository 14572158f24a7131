import { wanted } from '../../../src/features/view-state.js';
import { FeatureTask } from '../../../src/operators/feature-task.js';
import type { MonitorClosing, Monitored } from '../../../src/operators/monitor-plan.js';
import { MonitorSamplers } from '../../../src/operators/monitor-samplers.js';
import { probeOf } from '../../../src/operators/scoring-task.js';
import { type HalfMessage, SplitHalves } from '../../../src/operators/split-halves.js';
import type { Step } from '../../../src/operators/step.js';
import { defaultIngestSettings } from '../../../src/streams/ingest/batch-builder.js';
import type { Pipeline } from '../../../src/streams/pipeline.js';

export interface EmitterSettings {
  readonly pipeline: Pipeline;
  readonly partitions: number;
  readonly monitors: readonly Monitored[];
  /** What the logs hold: the frames of each are by stage, by partition. */
  readonly steps: readonly Step[];
}

/** What one frame gave. */
export interface Emitted {
  readonly halves: readonly HalfMessage[];
  readonly closings: readonly MonitorClosing[];
}

interface Dumped {
  readonly next: number;
  readonly parts: ReadonlyMap<string, Uint8Array>;
  readonly samplers: Uint8Array;
}

/** One feature task that reads its log: one partition of one stage, able to start again. */
export class Emitter {
  readonly #settings: EmitterSettings;
  readonly #stage: number;
  readonly #partition: number;
  #task: FeatureTask;
  #samplers: MonitorSamplers;
  readonly #halves: SplitHalves;
  #next = 0;
  #kept: Dumped | null = null;

  constructor(settings: EmitterSettings, stage: number, partition: number) {
    const { pipeline, partitions } = settings;
    this.#settings = settings;
    this.#stage = stage;
    this.#partition = partition;
    this.#halves = new SplitHalves({ models: pipeline.models, partitions, partition });
    this.#task = this.#newTask();
    this.#samplers = this.#newSamplers();
  }

  get done(): boolean {
    return this.#next >= this.#settings.steps.length;
  }

  /** Takes the next frame. */
  take(): Emitted {
    const { batch, frames } = this.#settings.steps[this.#next++]!;
    const { blocks } = this.#task.process(frames[this.#stage]![this.#partition]!);
    const halves = this.#halves.of(blocks, batch.ticks);
    return { halves, closings: this.#samplers.blocks(blocks, batch.ticks) };
  }

  keep(): void {
    const parts = new Map(
      [...this.#task.dump('')].map(([name, chunks]) => {
        return [name, new Uint8Array(Buffer.concat(chunks))] as const;
      }),
    );
    this.#kept = { next: this.#next, parts, samplers: this.#samplers.dump() };
  }

  /** Another process goes on where the last snapshot was taken. */
  restart(): void {
    this.#task = this.#newTask();
    this.#samplers = this.#newSamplers();
    this.#next = this.#kept?.next ?? 0;
    if (this.#kept === null) return;
    this.#task.restore('', this.#kept.parts);
    this.#samplers.restore(this.#kept.samplers);
  }

  #newTask(): FeatureTask {
    const { pipeline } = this.#settings;
    return new FeatureTask(pipeline.stages[this.#stage]!, this.#partition, pipeline.topics, {
      epoch: 0,
      latenessMs: defaultIngestSettings.latenessMs,
      wanted: wanted.before,
      probes: pipeline.models.map(probeOf),
    });
  }

  #newSamplers(): MonitorSamplers {
    const { pipeline, monitors } = this.#settings;
    const views = pipeline.stages[this.#stage]!.views.map((view) => view.name);
    return new MonitorSamplers(monitors, views, this.#partition);
  }
}

/**
 * Runs every feature task to its end in a random order, with random restarts; `emit` sees what
 * each gave, in the order of its own.
 */
export async function emitAll(
  settings: EmitterSettings,
  random: () => number,
  emit: (emitted: Emitted) => Promise<void> | void,
): Promise<void> {
  const { pipeline, partitions } = settings;
  const emitters = pipeline.stages.flatMap((_, stage) =>
    Array.from({ length: partitions }, (_, partition) => new Emitter(settings, stage, partition)),
  );
  let open = emitters.filter((one) => !one.done);
  while (open.length > 0) {
    const emitter = open[Math.floor(random() * open.length)]!;
    // In bursts, so that the tasks run well apart.
    for (let left = 1 + random() * 12; left > 0 && !emitter.done; left--) {
      await emit(emitter.take());
      if (random() < 0.05) emitter.keep();
      else if (random() < 0.03) emitter.restart();
    }
    open = emitters.filter((one) => !one.done);
  }
}
