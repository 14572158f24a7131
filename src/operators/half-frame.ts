import type { VectorRow } from '../models/inputs.js';
import { packArrays, unpackArrays } from '../windows/flat-arrays.js';
import type { Side } from './half-layout.js';

/** "Before row `row`, the watermark of the model's events is `watermarkMs`." */
export interface HalfTick {
  readonly row: number;
  readonly watermarkMs: number;
}

/** An event that makes earlier scores of the same two keys positive. */
export interface HalfOutcome {
  /** It stands before row `row`, and after so many of the frame's ticks. */
  readonly row: number;
  readonly ticks: number;
  /** Position in the feature task: so that a repeat is known. */
  readonly n: number;
  readonly key: string | number;
  readonly item: string | number;
  readonly timeMs: number;
}

/** Whose halves these are. */
export interface HalfHead {
  readonly model: string;
  /** Hash of the model's layout. */
  readonly layout: string;
  readonly side: Side;
  /** Partition of the feature task that made them. */
  readonly from: number;
  /** First halves only. */
  readonly ticks: readonly HalfTick[];
}

/** The vectors of one view that one frame gave for the events to be scored: columns, parallel. */
export interface HalfFrame extends HalfHead {
  readonly count: number;
  /** Coordinates of the events in the source topic. */
  readonly partitions: Int32Array;
  readonly offsets: Float64Array;
  readonly timesMs: Float64Array;
  /** Positions in the feature task: ascending, so that a repeat is known. */
  readonly n: Float64Array;
  /** Partition of the feature task that makes the other half. */
  readonly peers: Int32Array;
  /** Row i begins at `i * width`, by the model's layout. */
  readonly numbers: Float64Array;
  readonly others: readonly unknown[];
  /** First halves only: the entity's key, and what the model reads of the event itself. */
  readonly keys: readonly (string | number)[];
  readonly columns: readonly (readonly unknown[])[];
  /** Keys of the second view. */
  readonly items: readonly (string | number)[];
  readonly outcomes: readonly HalfOutcome[];
}

/** What JSON carries best. */
interface Texts extends HalfHead {
  readonly others: readonly unknown[];
  readonly keys: readonly (string | number)[];
  readonly columns: readonly (readonly unknown[])[];
  /** Keys of the second view. */
  readonly items: readonly (string | number)[];
  readonly outcomes: readonly HalfOutcome[];
}

/** Bytes of a half-frame: one message of the scoring log. */
export function encodeHalves(frame: HalfFrame): Buffer {
  const { model, layout, side, from, ticks, others, keys, columns, items, outcomes } = frame;
  const head = { model, layout, side, from, ticks };
  const texts: Texts = { ...head, others, keys, columns, items, outcomes };
  const { partitions, offsets, timesMs, n, peers, numbers } = frame;
  const json = Buffer.from(JSON.stringify(texts));
  return Buffer.concat(
    packArrays([offsets, timesMs, n, numbers, partitions, peers, new Uint8Array(json)]),
  );
}

/** The half-frame of `encodeHalves`. */
export function decodeHalves(payload: Uint8Array): HalfFrame {
  const [offsets, timesMs, n, numbers, partitions, peers, json] = unpackArrays(payload) as [
    Float64Array, // in the order in which they were packed
    Float64Array,
    Float64Array,
    Float64Array,
    Int32Array,
    Int32Array,
    Uint8Array,
  ];
  // What an earlier version wrote has neither items nor outcomes.
  const none = { items: [], outcomes: [] };
  const texts: Texts = { ...none, ...JSON.parse(new TextDecoder().decode(json)) };
  return { ...texts, count: offsets.length, partitions, offsets, timesMs, n, peers, numbers };
}

/** Where the vector of a row stands. */
export function halfRow(
  frame: HalfFrame,
  row: number,
  width: { readonly numbers: number; readonly others: number },
): VectorRow {
  const { numbers, others } = frame;
  return { numbers, n: row * width.numbers, others, o: row * width.others };
}
