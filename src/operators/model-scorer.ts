import type { ValueSlot } from '../features/view-state.js';
import type { ModelDefinition } from '../models/definition.js';
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
import type { Score } from '../records/score.js';

/** One event that is to be scored, its vectors joined. */
export interface ScoringCandidate {
  /** Number of the event among all that its scoring task scores: the score's position. */
  readonly n: number;
  /** Coordinates in the source topic. */
  readonly sourcePartition: number;
  readonly offset: number;
  readonly timeMs: number;
  /** Of the first view. */
  readonly key: string | number;
  /** What the model reads of the event itself. */
  readonly columns: readonly unknown[];
  readonly first: VectorRow;
  /** Null where it was not there in time: all its values count as null. */
  readonly second: VectorRow | null;
}

/** What a model answered to a step's events, in the order in which they were asked. */
export interface ScoredModel {
  readonly model: string;
  readonly version: string;
  readonly scores: readonly (number | null)[];
}

/** Where the values of both views' features stand in the candidates' vectors. */
export interface VectorSlots {
  readonly first: readonly ValueSlot[];
  readonly second: readonly ValueSlot[];
}

/** Makes scores of joined events: fills the inputs, asks the model, names what it was given. */
export class ModelScorer {
  readonly model: ModelDefinition;
  version: string;
  /** Of the ONNX file that answers; null without one. */
  sha256: string | null;
  readonly #epoch: number;
  #scorer: Scorer | null;
  /** Of the models that were replaced. */
  #former = { failed: 0, retried: 0 };
  readonly #fill: FillInputs;
  readonly #recorded: ReadRecorded;
  readonly #absent: VectorRow;

  /** @param loaded null to write inputs with null scores */
  constructor(
    model: ModelDefinition,
    loaded: LoadedModel | null,
    slots: VectorSlots,
    epoch: number,
  ) {
    this.model = model;
    this.version = loaded?.manifest.version ?? 'none';
    this.sha256 = loaded?.manifest.sha256 ?? null;
    this.#epoch = epoch;
    this.#scorer = loaded === null ? null : new Scorer(loaded.session);
    this.#fill = compileInputs(model, slots.first, slots.second);
    this.#recorded = compileRecorded(model, slots.first, slots.second);
    this.#absent = absentVector(slots.second);
  }

  /** Batches that failed for good, and those that were tried again. */
  get failures(): { readonly failed: number; readonly retried: number } {
    const { failed, retried } = this.#former;
    return {
      failed: failed + (this.#scorer?.failed ?? 0),
      retried: retried + (this.#scorer?.retried ?? 0),
    };
  }

  /** Another version answers from the next candidates on. */
  use({ manifest, session }: LoadedModel): void {
    this.#former = this.failures;
    this.#scorer = new Scorer(session);
    this.version = manifest.version;
    this.sha256 = manifest.sha256;
  }

  /**
   * The candidates' scores, in their order.
   * @param former what was answered to the same candidates before; null to ask the model
   */
  async score(
    candidates: readonly ScoringCandidate[],
    former: ScoredModel | null,
  ): Promise<{ readonly answer: ScoredModel; readonly scores: readonly Score[] }> {
    const width = this.model.inputs.length;
    const inputs = new Float64Array(candidates.length * width);
    const rows = candidates.map((one, i): ScoringRow => {
      const second = one.second ?? this.#absent;
      this.#fill(one.timeMs, one.columns, one.first, second, inputs, i * width);
      return { position: one.n, inputs, at: i * width };
    });
    const answer = former ?? (await this.#ask(rows));
    const scores = candidates.map((one, i) => this.#scoreOf(one, i, answer, inputs, i * width));
    return { answer, scores };
  }

  async #ask(rows: readonly ScoringRow[]): Promise<ScoredModel> {
    const scores = this.#scorer === null ? rows.map(() => null) : await this.#scorer.score(rows);
    return { model: this.model.name, version: this.version, scores };
  }

  #scoreOf(
    candidate: ScoringCandidate,
    place: number,
    answer: ScoredModel,
    inputs: Float64Array,
    at: number,
  ): Score {
    const { n, sourcePartition, offset, timeMs, key, columns, first, second } = candidate;
    const recorded = this.#recorded(timeMs, columns, first, second ?? this.#absent);
    return {
      requestId: `${this.model.events.topic}/${sourcePartition}/${offset}`,
      key,
      model: this.model.name,
      version: answer.version,
      arm: 'champion',
      score: answer.scores[place] ?? null,
      timeMs,
      position: { epoch: this.#epoch, n },
      inputs: inputsByName(this.model, inputs, at, recorded),
    };
  }
}
