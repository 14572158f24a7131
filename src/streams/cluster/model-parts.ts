import type { WeirError } from '../../errors.js';
import { ModelRegistry } from '../../models/model-registry.js';
import type { Check } from '../../monitors/check.js';
import type { Emission } from '../../monitors/emission.js';
import type { OnUnfit } from '../../monitors/reference-fit.js';
import { prepareLevel } from '../../monitors/significance.js';
import type { MonitorClosing, Monitored } from '../../operators/monitor-plan.js';
import { MonitorSamplers } from '../../operators/monitor-samplers.js';
import { SplitHalves } from '../../operators/split-halves.js';
import type { Stage } from '../../operators/stage.js';
import type { Score } from '../../records/score.js';
import type { ClickhouseSink } from '../../sinks/clickhouse/sink.js';
import type { Kafka } from '../../sinks/kafka/client.js';
import type { KafkaOutput } from '../../sinks/kafka/output.js';
import {
  type ScoreRecord as ScoreValue,
  scoreOf,
  toScoreRecord,
} from '../../sinks/kafka/score-record.js';
import type { ValueReader, ValueWriter } from '../../sinks/kafka/value-format.js';
import type { LoadedModels } from '../load-models.js';
import { definitionOf, type Pipeline } from '../pipeline.js';
import type { FeatureOutput } from './feature-output.js';
import type { LogMessage, TaskKind } from './log-task.js';
import { closingJson } from './monitor-message.js';
import { monitorsOf } from './monitor-plans.js';
import { monitorStage, type Names, scoresStage, scoringStage } from './names.js';
import { PolicyLogTask } from './policy-log-task.js';
import { KafkaPolicyStore } from './policy-store.js';
import { scoreHeaders, watermarkOf } from './score-headers.js';
import { ScoresLogTask } from './scores-log-task.js';
import { ScoringLogTask } from './scoring-log-task.js';
import type { ScoreRecord, TaskOutput } from './scoring-output.js';
import { type Told, toldIn, toldJson } from './told-message.js';

/** Told of what the tasks of this process do, repeats after a recovery included. */
export interface ModelObserver {
  readonly scored: (scores: readonly Score[]) => void;
  readonly judged: (checks: readonly Check[], emissions: readonly Emission[]) => void;
  readonly fenced: () => void;
  /** Told of what was committed, each once. */
  readonly told?: (emissions: readonly Emission[]) => void;
  /** Told of a version that is to score and is not on this machine, whenever it is looked for. */
  readonly modelMissing?: (error: WeirError) => void;
  readonly unfit?: OnUnfit;
}

export interface ModelPartsSettings {
  readonly kafka: Kafka;
  readonly pipeline: Pipeline;
  readonly loaded: LoadedModels;
  readonly names: Names;
  readonly partitions: number;
  readonly epoch: number;
  /** Database in ClickHouse that retraining events name; `weir` by default. */
  readonly database?: string;
  readonly output: KafkaOutput;
  readonly sink: ClickhouseSink | null;
  readonly scores: {
    readonly topic: string;
    readonly reader: ValueReader;
    readonly write: ValueWriter;
  };
  readonly alerts: { readonly topic: string; readonly retrainingTopic: string };
  /** The value of an alert or a retraining event. */
  readonly encode: (emission: Emission) => Buffer | string;
  readonly observer: ModelObserver | null;
}

/** Scoring and monitors as tasks over logs: what feature tasks hand on, and who takes it up. */
export class ModelParts {
  /** Versions of the models, as they lie on this machine. */
  readonly registry: ModelRegistry;
  readonly #settings: ModelPartsSettings;
  readonly #monitors: readonly Monitored[];

  constructor(settings: ModelPartsSettings) {
    const { pipeline, loaded, partitions, database } = settings;
    this.#settings = settings;
    this.#monitors = monitorsOf(pipeline, loaded, partitions, database);
    this.registry = new ModelRegistry(loaded.models.values());
  }

  get monitors(): readonly Monitored[] {
    return this.#monitors;
  }

  /** Halves of the events to be scored, and closed periods of what is sampled. */
  featureOutputs(stage: Stage, partition: number): FeatureOutput[] {
    const { pipeline, partitions, output, names } = this.#settings;
    const split = new SplitHalves({ models: pipeline.models, partitions, partition });
    const views = stage.views.map((view) => view.name);
    const samplers = new MonitorSamplers(this.#monitors, views, partition);
    const topic = names.log(scoringStage);
    const closings = this.#closings();
    const halves: FeatureOutput = {
      frame: ({ frame, output: { blocks } }) => {
        for (const half of split.of(blocks, frame.batch.ticks)) {
          output.add({ topic, partition: half.partition, key: '', value: half.value });
        }
      },
      ready: () => output.ready(),
      flush: () => output.flush(),
    };
    const sampled: FeatureOutput = {
      frame: (taken) =>
        closings.write(samplers.blocks(taken.output.blocks, taken.frame.batch.ticks)),
      flush: () => output.flush(),
      told: (told) => {
        if (told.kind === 'reference') samplers.use(told);
      },
      state: {
        name: 'samplers',
        dump: () => [samplers.dump()],
        restore: (bytes) => samplers.restore(bytes),
      },
    };
    return [halves, sampled];
  }

  /** Tasks of the scoring log and of the topic `scores`. */
  scoringKinds(): TaskKind[] {
    const { pipeline, loaded, names, partitions, epoch, scores, sink, observer } = this.#settings;
    const onModelMissing = observer?.modelMissing ?? ignored;
    const definition = definitionOf(pipeline, partitions);
    const monitors = this.#monitors;
    const monitor = this.#closings();
    return [
      {
        name: scoringStage,
        topic: names.log(scoringStage),
        definition,
        create: (partition) =>
          new ScoringLogTask({
            models: pipeline.models,
            loaded,
            monitors,
            epoch,
            partition,
            registry: this.registry,
            onModelMissing,
            scores: this.#scores(partition),
            monitor,
          }),
      },
      {
        name: scoresStage,
        topic: scores.topic,
        definition,
        isPublic: true,
        create: (partition) =>
          new ScoresLogTask({
            monitors,
            partition,
            decode: (message) => this.#decode(message),
            sink,
            monitor,
          }),
      },
    ];
  }

  /** The one task of the monitor log; before it joins a group, for it may simulate for seconds. */
  monitorKind(): TaskKind {
    for (const { plan, reference } of this.#monitors) {
      prepareLevel({ ...plan, reference });
    }
    const { kafka, pipeline, names, partitions, sink, alerts, encode, observer } = this.#settings;
    const transactionalId = names.log(monitorStage);
    const onFenced = observer?.fenced ?? ignored;
    const topics = {
      alerts: alerts.topic,
      retraining: alerts.retrainingTopic,
      state: names.policy,
    };
    return {
      name: monitorStage,
      topic: names.log(monitorStage),
      definition: definitionOf(pipeline, partitions),
      create: () =>
        new PolicyLogTask({
          monitors: this.#monitors,
          sink,
          store: new KafkaPolicyStore({ kafka, transactionalId, topics, encode, onFenced }),
          tell: this.#telling(),
          onJudged: observer?.judged ?? ignored,
          onTold: observer?.told ?? ignored,
          onUnfit: observer?.unfit ?? ignored,
        }),
    };
  }

  /** To every task that samples or scores. */
  #telling(): TaskOutput<Told> {
    const { output, names, pipeline, partitions } = this.#settings;
    const sampling = [...pipeline.stages.map((stage) => stage.name), scoringStage];
    return {
      write: (list) => {
        for (const told of list) {
          const value = toldJson(told);
          for (const stage of told.kind === 'model' ? [scoringStage] : sampling) {
            for (let partition = 0; partition < partitions; partition++) {
              output.add({ topic: names.log(stage), partition, key: '', value });
            }
          }
        }
      },
      ready: () => output.ready(),
      flush: () => output.flush(),
    };
  }

  #closings(): TaskOutput<MonitorClosing> {
    const { output, names } = this.#settings;
    const topic = names.log(monitorStage);
    return {
      write: (closings) => {
        for (const closing of closings) {
          output.add({ topic, partition: 0, key: '', value: closingJson(closing) });
        }
      },
      ready: () => output.ready(),
      flush: () => output.flush(),
    };
  }

  #scores(partition: number): TaskOutput<ScoreRecord> {
    const { output, scores, observer } = this.#settings;
    const { topic, write } = scores;
    return {
      write: (records) => {
        // With a header it may be the last one, told again.
        const fresh = records.filter(({ watermarkMs, told = null }) => {
          return watermarkMs === null && told === null;
        });
        observer?.scored(fresh.map(({ score }) => score));
        for (const record of records) {
          const { score } = record;
          const value = write(toScoreRecord(score));
          const headers = scoreHeaders(record);
          output.add({ topic, partition, key: String(score.key), value, headers });
        }
      },
      ready: () => output.ready(),
      flush: () => output.flush(),
    };
  }

  async #decode({ value, headers }: LogMessage): Promise<ScoreRecord | null> {
    const { texts, faults } = await this.#settings.scores.reader.readAll([value]);
    if (faults !== null) return null;
    try {
      const score = scoreOf(JSON.parse(texts[0]!) as ScoreValue);
      if (!Number.isFinite(score.timeMs)) return null;
      return { score, watermarkMs: watermarkOf(headers), told: toldIn(headers) };
    } catch {
      return null; // someone else's record: counted and passed over
    }
  }
}

function ignored(): void {}
