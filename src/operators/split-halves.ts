import type { ModelDefinition } from '../models/definition.js';
import { compileOutcome, compileWhere, type EventCondition } from '../models/event-columns.js';
import type { Tick } from '../records/batch.js';
import type { VectorBlock } from './feature-task.js';
import { encodeHalves, type HalfFrame, type HalfOutcome, type HalfTick } from './half-frame.js';
import { type HalfLayout, layoutOf, type ModelLayout, type Side } from './half-layout.js';
import { outcomesOf } from './outcomes.js';
import { partitionOf } from './stage.js';

/** One message for the scoring log. */
export interface HalfMessage {
  readonly partition: number;
  readonly value: Buffer;
}

export interface SplitSettings {
  readonly models: readonly ModelDefinition[];
  /** Of every stage's log and of the scoring log. */
  readonly partitions: number;
  /** Own partition of the feature task. */
  readonly partition: number;
}

/** What one block gives one model. */
interface Half {
  readonly layout: ModelLayout;
  readonly side: Side;
  readonly own: HalfLayout;
  /** Which of the view's probes is the model's. */
  readonly probe: number;
  readonly wants: EventCondition;
  /** Null where the model has no label. */
  readonly isOutcome: EventCondition | null;
}

/**
 * What a feature task appends to the scoring log of its frames: the vectors of the events to be
 * scored, for each model that reads them, by the partition of the first view's key. Has no state:
 * the same frame gives the same bytes.
 *
 * Use: `new SplitHalves({ models: pipeline.models, partitions, partition })`; the feature task has
 * the probes `pipeline.models.map(probeOf)` and wants vectors *before*. After `task.process(frame)`
 * append each message of `of(output.blocks, ticks)` to its partition of the scoring log, in order;
 * `ticks` are those that the frame's task goes by.
 */
export class SplitHalves {
  readonly #settings: SplitSettings;
  /** By view. */
  readonly #halves = new Map<string, Half[]>();

  constructor(settings: SplitSettings) {
    this.#settings = settings;
    for (const [i, model] of settings.models.entries()) {
      const layout = layoutOf(model);
      const wants = compileWhere(model);
      const before = settings.models.slice(0, i);
      const probe = before.filter((one) => one.first.name === model.first.name).length;
      const common = { layout, probe, wants, isOutcome: compileOutcome(model) };
      this.#add({ ...common, side: 'first', own: layout.first });
      this.#add({ ...common, side: 'second', own: layout.second });
    }
  }

  /** Messages for the blocks of one frame; a first view's ticks go along even without a row. */
  of(blocks: readonly VectorBlock[], ticks: readonly Tick[]): HalfMessage[] {
    const messages: HalfMessage[] = [];
    for (const block of blocks) {
      for (const half of this.#halves.get(block.view.definition.name) ?? []) {
        if (half.side === 'first') this.#first(block, half, ticks, messages);
        else this.#second(block, half, messages);
      }
    }
    return messages;
  }

  #add(half: Half): void {
    const { name } = half.own.view;
    this.#halves.set(name, [...(this.#halves.get(name) ?? []), half]);
  }

  /** A first view's task has the partition of its keys: all its rows go to its own. */
  #first(block: VectorBlock, half: Half, ticks: readonly Tick[], messages: HalfMessage[]): void {
    const { model } = half.layout;
    const own = ticks.filter((tick) => tick.topic === model.events.topic);
    const rows: number[] = [];
    const marks: HalfTick[] = [];
    const outcomes: HalfOutcome[] = [];
    const found = half.isOutcome === null ? [] : outcomesOf(block, model, half.isOutcome);
    let outcome = 0;
    let tick = 0;
    for (let row = 0; row < block.count; row++) {
      const order = block.frame.order[block.event[row]!]!;
      for (; tick < own.length && own[tick]!.index <= order; tick++) {
        marks.push({ row: rows.length, watermarkMs: own[tick]!.watermarkMs });
      }
      if (found[outcome]?.row === row) {
        const { key, item, timeMs } = found[outcome++]!;
        const n = block.n[row]!;
        outcomes.push({ row: rows.length, ticks: marks.length, n, key, item, timeMs });
      }
      if (block.probed[half.probe]![row] !== null) rows.push(row);
    }
    for (; tick < own.length; tick++) {
      marks.push({ row: rows.length, watermarkMs: own[tick]!.watermarkMs });
    }
    if (rows.length === 0 && marks.length === 0 && outcomes.length === 0) return;
    const { partition } = this.#settings;
    const frame = { ...this.#frame(block, half, rows, marks), outcomes };
    messages.push({ partition, value: encodeHalves(frame) });
  }

  #second(block: VectorBlock, half: Half, messages: HalfMessage[]): void {
    const { partitions } = this.#settings;
    const { key } = half.layout.model.first;
    const lists = Array.from({ length: partitions }, (): number[] => []);
    const { batch, index } = block.frame;
    for (let row = 0; row < block.count; row++) {
      const at = index[block.event[row]!]!;
      const event = batch.rows[at]!;
      if (!half.wants(event, batch.timesMs[at]!)) continue;
      lists[partitionOf(event[key] as string | number, partitions)]!.push(row); // decoded: a key
    }
    for (const [partition, rows] of lists.entries()) {
      if (rows.length === 0) continue;
      messages.push({ partition, value: encodeHalves(this.#frame(block, half, rows, [])) });
    }
  }

  #frame(
    block: VectorBlock,
    { layout, side, own, probe }: Half,
    rows: readonly number[],
    ticks: readonly HalfTick[],
  ): HalfFrame {
    const { batch, index } = block.frame;
    const { model } = layout;
    const { partition: from, partitions } = this.#settings;
    const isFirst = side === 'first';
    const peer = isFirst ? model.second.key : model.first.key;
    const at = rows.map((row) => index[block.event[row]!]!);
    const keyOf = (i: number, key: string) => batch.rows[i]![key] as string | number; // decoded
    return {
      model: model.name,
      layout: layout.hash,
      side,
      from,
      ticks,
      count: rows.length,
      partitions: Int32Array.from(at, (i) => batch.partitions[i]!),
      offsets: Float64Array.from(at, (i) => batch.offsets[i]!),
      timesMs: Float64Array.from(at, (i) => batch.timesMs[i]!),
      n: Float64Array.from(rows, (row) => block.n[row]!),
      peers: Int32Array.from(at, (i) => partitionOf(keyOf(i, peer), partitions)),
      ...valuesOf(block, own, rows),
      keys: isFirst ? at.map((i) => keyOf(i, model.first.key)) : [],
      columns: isFirst ? rows.map((row) => block.probed[probe]![row]!) : [],
      items: isFirst ? at.map((i) => keyOf(i, model.second.key)) : [],
      outcomes: [],
    };
  }
}

/** The values that the model reads, out of the block's. */
function valuesOf(block: VectorBlock, own: HalfLayout, rows: readonly number[]) {
  const { view } = block;
  const numbers = new Float64Array(rows.length * own.numbers);
  const others: unknown[] = [];
  let n = 0;
  for (const row of rows) {
    for (const i of own.read) {
      const { numeric, index } = view.slots[i]!;
      if (numeric) numbers[n++] = block.numbers[row * view.numbers + index]!;
      else others.push(block.others[row * view.others + index] ?? null);
    }
  }
  return { numbers, others };
}
