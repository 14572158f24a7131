import type { Row } from '../features/fields.js';
import type { TopicDefinition } from '../features/source.js';
import { TableState } from '../features/table-state.js';
import { ViewState, type Wanted } from '../features/view-state.js';
import type { Frame } from '../records/frame.js';
import { packArrays, unpackArrays } from '../windows/flat-arrays.js';
import type { Stage } from './stage.js';

/** The vectors of one view that one frame gave: columns, parallel. */
export interface VectorBlock {
  readonly view: ViewState;
  readonly frame: Frame;
  count: number;
  /** Index of the event in the frame. */
  readonly event: Int32Array;
  /** The key's number in the view. */
  readonly key: Int32Array;
  readonly asOfMs: Float64Array;
  /** `n` of the event's position in the task. */
  readonly n: Float64Array;
  /** Row i begins at `i * view.numbers`, and at `i * view.others`. */
  readonly numbers: Float64Array;
  readonly others: unknown[];
  /** By probe of the view: what it read at each event, null where it did not want the event. */
  readonly probed: readonly (readonly unknown[] | null)[][];
}

/** Reads columns of an event, its own and joined ones, at its very place in the log. */
export interface EventProbe {
  readonly view: string;
  readonly wants: (row: Row, timeMs: number) => boolean;
  /** `tables` are the states of the view's joins, in order. */
  readonly read: (row: Row, timeMs: number, tables: readonly TableState[]) => readonly unknown[];
}

/** What a frame changed. */
export interface FrameOutput {
  /** One per view, in the stage's order. */
  readonly blocks: readonly VectorBlock[];
  /** Keys whose own table row changed, by view. */
  readonly updated: readonly ReadonlySet<number>[];
  /** Records of the frame that came again and were dropped, by their place in it. */
  readonly repeated: ReadonlySet<number>;
}

export interface TaskSettings {
  readonly epoch: number;
  readonly latenessMs: number;
  readonly wanted: Wanted;
  readonly probes: readonly EventProbe[];
}

interface Probing {
  readonly probe: EventProbe;
  readonly tables: readonly TableState[];
}

interface Joined {
  readonly table: TopicDefinition;
  readonly state: TableState;
  /** Index into the pipeline's topics. */
  readonly topic: number;
}

/** One partition of a stage: reads its log in order and nothing else. */
export class FeatureTask {
  readonly stage: Stage;
  readonly partition: number;
  readonly views: readonly ViewState[];
  /** Data records taken: the next position. */
  n = 0;
  /** Largest whole-minute watermark of the stage's events that a tick told, ms. */
  watermarkMs = Number.NEGATIVE_INFINITY;
  /** Source records that came again, dropped. */
  repeated = 0;
  readonly #settings: TaskSettings;
  readonly #joined: readonly Joined[];
  /** By view. */
  readonly #probes: readonly (readonly Probing[])[];
  readonly #eventTopic: number;
  /** By topic, by source partition: next offset not seen yet. */
  readonly #marks: number[][];

  constructor(
    stage: Stage,
    partition: number,
    topics: readonly TopicDefinition[],
    settings: TaskSettings,
  ) {
    this.stage = stage;
    this.partition = partition;
    this.#settings = settings;
    const indexOf = (name: string): number => topics.findIndex((t) => t.topic === name);
    const tables = new Map<string, TableState>();
    const stateOf = (table: TopicDefinition): TableState => {
      const state = tables.get(table.topic) ?? new TableState(table);
      tables.set(table.topic, state);
      return state;
    };
    this.views = stage.views.map(
      (view) =>
        new ViewState(
          view,
          view.joins.map((j) => stateOf(j.table)),
        ),
    );
    this.#joined = [...tables].map(([name, state]) => {
      const topic = indexOf(name);
      return { table: topics[topic]!, state, topic };
    });
    this.#probes = this.views.map(({ definition }) => {
      const own = settings.probes.filter((probe) => probe.view === definition.name);
      const states = definition.joins.map((join) => stateOf(join.table));
      return own.map((probe) => ({ probe, tables: states }));
    });
    this.#eventTopic = indexOf(stage.events.topic);
    this.#marks = topics.map(() => []);
  }

  /** Takes a frame, record by record. */
  process(frame: Frame): FrameOutput {
    const { batch, count, index, order } = frame;
    const events = this.#eventTopic;
    const size = this.#countEvents(frame);
    const blocks = this.views.map((view, i) =>
      emptyBlock(view, frame, size, this.#probes[i]!.length),
    );
    const updated = this.views.map(() => new Set<number>());
    const repeated = new Set<number>();
    let tick = 0;
    for (let i = 0; i < count; i++) {
      while (tick < batch.ticks.length && batch.ticks[tick]!.index <= order[i]!)
        this.#move(frame, tick++);
      const at = index[i]!;
      const topic = batch.topics[at]!;
      const marks = this.#marks[topic]!;
      const partition = batch.partitions[at]!;
      const offset = batch.offsets[at]!;
      if (offset < (marks[partition] ?? 0)) {
        this.repeated++;
        repeated.add(i);
        continue;
      }
      marks[partition] = offset + 1;
      if (topic === events) {
        for (let b = 0; b < blocks.length; b++) this.#event(blocks[b]!, this.#probes[b]!, i, at);
      } else this.#update(topic, batch.rows[at]!, batch.timesMs[at]!, updated);
      this.n++;
    }
    while (tick < batch.ticks.length) this.#move(frame, tick++);
    return { blocks, updated, repeated };
  }

  /** Parts of the task's snapshot, names beginning with `prefix`. */
  dump(prefix: string): Map<string, readonly Uint8Array[]> {
    const parts = new Map<string, readonly Uint8Array[]>();
    const { n, repeated } = this;
    const watermarkMs = Number.isFinite(this.watermarkMs) ? this.watermarkMs : null;
    const head = JSON.stringify({ n, repeated, watermarkMs, marks: this.#marks });
    parts.set(`${prefix}task`, [new TextEncoder().encode(head)]);
    for (const { table, state } of this.#joined) {
      parts.set(`${prefix}table.${table.topic}`, packArrays(state.dump()));
    }
    for (const view of this.views) {
      for (const [name, bytes] of view.dump())
        parts.set(`${prefix}${view.definition.name}.${name}`, bytes);
    }
    return parts;
  }

  restore(prefix: string, parts: ReadonlyMap<string, Uint8Array>): void {
    const head: Head = JSON.parse(new TextDecoder().decode(parts.get(`${prefix}task`)));
    this.n = head.n;
    this.repeated = head.repeated;
    this.watermarkMs = head.watermarkMs ?? Number.NEGATIVE_INFINITY;
    for (const [topic, marks] of head.marks.entries()) {
      this.#marks[topic] = marks.map((mark) => mark ?? 0);
    }
    for (const { table, state } of this.#joined) {
      state.restore(unpackArrays(parts.get(`${prefix}table.${table.topic}`)!));
    }
    for (const view of this.views)
      view.restore(partsOf(parts, `${prefix}${view.definition.name}.`));
  }

  #countEvents(frame: Frame): number {
    let events = 0;
    for (let i = 0; i < frame.count; i++) {
      if (frame.batch.topics[frame.index[i]!] === this.#eventTopic) events++;
    }
    return events;
  }

  #move(frame: Frame, tick: number): void {
    const { topic, watermarkMs } = frame.batch.ticks[tick]!;
    if (topic === this.stage.events.topic) this.watermarkMs = watermarkMs;
  }

  #event(block: VectorBlock, probes: readonly Probing[], i: number, at: number): void {
    const { view } = block;
    const { batch } = block.frame;
    const row = batch.rows[at]!;
    const key = row[this.stage.key] as string | number; // the decoder lets nothing else through
    const v = block.count++;
    const { numbers, others } = view;
    const k = view.event(
      row,
      key,
      batch.timesMs[at]!,
      this.#settings.wanted,
      block.numbers,
      v * numbers,
      block.others,
      v * others,
    );
    block.event[v] = i;
    block.key[v] = k;
    block.asOfMs[v] = view.asOfMs(k);
    block.n[v] = this.n;
    for (let p = 0; p < probes.length; p++) {
      const { probe, tables } = probes[p]!;
      const timeMs = batch.timesMs[at]!;
      block.probed[p]!.push(probe.wants(row, timeMs) ? probe.read(row, timeMs, tables) : null);
    }
  }

  #update(
    topic: number,
    row: Readonly<Record<string, unknown>>,
    timeMs: number,
    updated: readonly Set<number>[],
  ): void {
    const joined = this.#joined.find((one) => one.topic === topic);
    if (joined === undefined) return;
    joined.state.update(row, timeMs, this.watermarkMs - this.#settings.latenessMs);
    for (const [i, view] of this.views.entries()) {
      const own = view.definition.joins.some(
        (j) => j.by === this.stage.key && j.table.topic === joined.table.topic,
      );
      const k = own ? view.keys.find(row[joined.table.key!] as string | number) : 0;
      if (k !== 0) updated[i]!.add(k);
    }
  }
}

interface Head {
  readonly n: number;
  readonly repeated: number;
  readonly watermarkMs: number | null;
  readonly marks: readonly (number | null)[][];
}

/** The parts whose names begin with `prefix`, without it. */
export function partsOf(
  parts: ReadonlyMap<string, Uint8Array>,
  prefix: string,
): Map<string, Uint8Array> {
  const own = new Map<string, Uint8Array>();
  for (const [name, bytes] of parts)
    if (name.startsWith(prefix)) own.set(name.slice(prefix.length), bytes);
  return own;
}

/** One piece of memory for all columns, not cleared: every row that counts is written whole. */
function emptyBlock(view: ViewState, frame: Frame, size: number, probes: number): VectorBlock {
  const { buffer } = Buffer.allocUnsafeSlow(size * (24 + 8 * view.numbers));
  return {
    view,
    frame,
    count: 0,
    asOfMs: new Float64Array(buffer, 0, size),
    n: new Float64Array(buffer, 8 * size, size),
    numbers: new Float64Array(buffer, 16 * size, size * view.numbers),
    event: new Int32Array(buffer, (16 + 8 * view.numbers) * size, size),
    key: new Int32Array(buffer, (20 + 8 * view.numbers) * size, size),
    others: [],
    probed: Array.from({ length: probes }, () => []),
  };
}
