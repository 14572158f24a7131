import { WeirError } from '../errors.js';
import type { ModelDefinition } from '../models/definition.js';
import { compileEventColumns, compileWhere } from '../models/event-columns.js';
import type { VectorRow } from '../models/inputs.js';
import type { LoadedModel } from '../models/load-model.js';
import type { EventProbe, FeatureTask, VectorBlock } from './feature-task.js';
import { ModelScorer, type ScoredModel, type ScoringCandidate } from './model-scorer.js';
import type { OrderedScore, Step } from './step.js';

/** One event that is to be scored, with its place in the batch and its scoring partition. */
interface Candidate extends ScoringCandidate {
  readonly order: number;
  readonly partition: number;
  readonly item: string | number;
}

interface Location {
  readonly block: VectorBlock;
  readonly row: number;
}

/** What the first view's task reads at each event that the model scores. */
export function probeOf(model: ModelDefinition): EventProbe {
  const read = compileEventColumns(model.first, model.columns);
  return { view: model.first.name, wants: compileWhere(model), read };
}

interface Scored {
  readonly answer: ScoredModel;
  readonly scores: OrderedScore[];
}

export interface ScoringSettings {
  readonly epoch: number;
  readonly partitions: number;
  /** Which of the first view's probes is this model's. */
  readonly probe: number;
}

/**
 * Scores events in the order of the first view's vectors, partition by partition. Within one
 * process both vectors of an event come with the same batch; one that does not is scored with
 * nulls.
 */
export class ScoringTask {
  readonly model: ModelDefinition;
  /** Events whose second vector was not there. */
  missing = 0;
  /** Which of the first view's probes is this model's. */
  readonly #probe: number;
  readonly #scorer: ModelScorer;
  /** By partition: the next position. */
  readonly #next: number[];

  /** @param loaded null to write inputs with null scores */
  constructor(
    model: ModelDefinition,
    loaded: LoadedModel | null,
    tasks: readonly FeatureTask[],
    settings: ScoringSettings,
  ) {
    const slotsOf = (name: string) => {
      const view = tasks.flatMap((task) => task.views).find((one) => one.definition.name === name);
      if (view !== undefined) return view.slots;
      throw new WeirError(
        'definition-invalid',
        `model ${model.name} reads view ${name}, which the pipeline does not have; add it to the pipeline's views`,
      );
    };
    const slots = { first: slotsOf(model.first.name), second: slotsOf(model.second.name) };
    this.#scorer = new ModelScorer(model, loaded, slots, settings.epoch);
    this.model = model;
    this.#probe = settings.probe;
    this.#next = Array.from({ length: settings.partitions }, () => 0);
  }

  /** `none` where no model is loaded. */
  get version(): string {
    return this.#scorer.version;
  }

  /** Of the ONNX file that answers; null without one. */
  get sha256(): string | null {
    return this.#scorer.sha256;
  }

  /** Another version answers from the next step on. */
  use(loaded: LoadedModel): void {
    this.#scorer.use(loaded);
  }

  /** Scores that failed, and how often a batch was tried again. */
  get failures(): { readonly failed: number; readonly retried: number } {
    return this.#scorer.failures;
  }

  /**
   * Scores a step whose features are computed; the scores are in ingest order.
   * @param former what was answered when the same step came before; null to ask the model
   */
  async score(step: Step, former: ScoredModel | null): Promise<Scored> {
    const candidates = this.#candidates(step);
    const { answer, scores } = await this.#scorer.score(candidates, former);
    const ordered = scores.map((score, i): OrderedScore => {
      const { order, partition, item } = candidates[i]!;
      return { score, order, partition, item };
    });
    return { answer, scores: ordered.sort((a, b) => a.order - b.order) };
  }

  dump(): readonly number[] {
    return [...this.#next, this.missing];
  }

  restore(kept: readonly number[]): void {
    for (let p = 0; p < this.#next.length; p++) this.#next[p] = kept[p]!;
    this.missing = kept.at(-1)!;
  }

  #candidates(step: Step): Candidate[] {
    const seconds = this.#secondVectors(step);
    const list: Candidate[] = [];
    for (const outputs of step.outputs) {
      for (const [partition, output] of outputs.entries()) {
        const block = output.blocks.find(
          (one) => one.view.definition.name === this.model.first.name,
        );
        if (block === undefined) continue;
        for (let row = 0; row < block.count; row++) {
          const columns = block.probed[this.#probe]![row]!;
          if (columns === null) continue;
          const order = block.frame.order[block.event[row]!]!;
          const found = seconds.get(order);
          if (found === undefined) this.missing++;
          const { batch, index } = block.frame;
          const at = index[block.event[row]!]!;
          list.push({
            order,
            partition,
            item: batch.rows[at]![this.model.second.key] as string | number, // decoded: a key
            n: this.#next[partition]!++,
            sourcePartition: batch.partitions[at]!,
            offset: batch.offsets[at]!,
            timeMs: batch.timesMs[at]!,
            key: batch.rows[at]![this.model.first.key] as string | number, // as the decoder has it
            columns,
            first: vectorRow(block, row),
            second: found === undefined ? null : vectorRow(found.block, found.row),
          });
        }
      }
    }
    return list;
  }

  /** Where the second view's vectors stand, by the event's place in the batch. */
  #secondVectors(step: Step): Map<number, Location> {
    const found = new Map<number, Location>();
    for (const block of step.outputs.flat().flatMap((output) => output.blocks)) {
      if (block.view.definition.name !== this.model.second.name) continue;
      for (let row = 0; row < block.count; row++) {
        found.set(block.frame.order[block.event[row]!]!, { block, row });
      }
    }
    return found;
  }
}

function vectorRow(block: VectorBlock, row: number): VectorRow {
  const { view, numbers, others } = block;
  return { numbers, n: row * view.numbers, others, o: row * view.others };
}
