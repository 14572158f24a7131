import { WeirError } from '../errors.js';
import type { ModelDefinition } from '../models/definition.js';
import { compileEventColumns, compileWhere } from '../models/event-columns.js';
import {
  absentVector,
  compileInputs,
  compileRecorded,
  type FillInputs,
  inputsByName,
  type ReadRecorded,
  type VectorRow,
} from '../models/inputs.js';
import type { LoadedModel } from '../models/load-model.js';
import { Scorer, type ScoringRow } from '../models/scorer.js';
import type { EventProbe, FeatureTask, VectorBlock } from './feature-task.js';
import type { OrderedScore, Step } from './step.js';

/** One event that is to be scored: its vectors, joined by the event's place in the batch. */
interface Candidate {
  readonly order: number;
  readonly partition: number;
  readonly n: number;
  readonly block: VectorBlock;
  readonly row: number;
  readonly columns: readonly unknown[];
  readonly second: VectorRow;
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

/** What a model answered to a step's events, in the order in which they were asked. */
export interface ScoredModel {
  readonly model: string;
  readonly version: string;
  readonly scores: readonly (number | null)[];
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
  readonly version: string;
  /** Events whose second vector was not there. */
  missing = 0;
  /** Which of the first view's probes is this model's. */
  readonly #probe: number;
  readonly #settings: ScoringSettings;
  readonly #scorer: Scorer | null;
  /** By partition: the next position. */
  readonly #next: number[];
  readonly #fill: FillInputs;
  readonly #recorded: ReadRecorded;
  readonly #absent: VectorRow;

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
    const first = slotsOf(model.first.name);
    const second = slotsOf(model.second.name);
    this.model = model;
    this.version = loaded?.manifest.version ?? 'none';
    this.#settings = settings;
    this.#probe = settings.probe;
    this.#scorer = loaded === null ? null : new Scorer(loaded.session);
    this.#next = Array.from({ length: settings.partitions }, () => 0);
    this.#fill = compileInputs(model, first, second);
    this.#recorded = compileRecorded(model, first, second);
    this.#absent = absentVector(second);
  }

  /** Scores that failed, and how often a batch was tried again. */
  get failures(): { readonly failed: number; readonly retried: number } {
    return { failed: this.#scorer?.failed ?? 0, retried: this.#scorer?.retried ?? 0 };
  }

  /**
   * Scores a step whose features are computed; the scores are in ingest order.
   * @param former what was answered when the same step came before; null to ask the model
   */
  async score(step: Step, former: ScoredModel | null): Promise<Scored> {
    const candidates = this.#candidates(step);
    const width = this.model.inputs.length;
    const inputs = new Float64Array(candidates.length * width);
    const rows = candidates.map((candidate, i): ScoringRow => {
      const { block, row, columns, second, n } = candidate;
      this.#fill(timeOf(block, row), columns, vectorRow(block, row), second, inputs, i * width);
      return { position: n, inputs, at: i * width };
    });
    const answer = former ?? (await this.#ask(rows));
    const scores = candidates.map((one, i) => this.#scoreOf(one, i, answer, inputs, i * width));
    return { answer, scores: scores.sort((a, b) => a.order - b.order) };
  }

  async #ask(rows: readonly ScoringRow[]): Promise<ScoredModel> {
    const scores = this.#scorer === null ? rows.map(() => null) : await this.#scorer.score(rows);
    return { model: this.model.name, version: this.version, scores };
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
          const place = block.frame.order[block.event[row]!]!;
          const found = seconds.get(place);
          if (found === undefined) this.missing++;
          const second = found === undefined ? this.#absent : vectorRow(found.block, found.row);
          list.push({
            order: place,
            partition,
            n: this.#next[partition]!++,
            block,
            row,
            columns,
            second,
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

  #scoreOf(
    candidate: Candidate,
    place: number,
    answer: ScoredModel,
    inputs: Float64Array,
    at: number,
  ): OrderedScore {
    const { block, row, columns, second, order, partition, n } = candidate;
    const { batch, index } = block.frame;
    const event = index[block.event[row]!]!;
    const timeMs = batch.timesMs[event]!;
    const recorded = this.#recorded(timeMs, columns, vectorRow(block, row), second);
    return {
      order,
      partition,
      score: {
        requestId: `${this.model.events.topic}/${batch.partitions[event]}/${batch.offsets[event]}`,
        key: batch.rows[event]![this.model.first.key] as string | number,
        model: this.model.name,
        version: answer.version,
        arm: 'champion',
        score: answer.scores[place] ?? null,
        timeMs,
        position: { epoch: this.#settings.epoch, n },
        inputs: inputsByName(this.model, inputs, at, recorded),
      },
    };
  }
}

function vectorRow(block: VectorBlock, row: number): VectorRow {
  const { view, numbers, others } = block;
  return { numbers, n: row * view.numbers, others, o: row * view.others };
}

function timeOf(block: VectorBlock, row: number): number {
  const { batch, index } = block.frame;
  return batch.timesMs[index[block.event[row]!]!]!;
}
