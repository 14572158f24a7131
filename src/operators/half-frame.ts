import type { VectorRow } from '../models/inputs.js';
import { packArrays, unpackArrays } from '../windows/flat-arrays.js';
import type { Side } from './half-layout.js';

/** "Before row `row`, the watermark of the model's events is `watermarkMs`." */
export interface HalfTick {
  readonly row: number;
  readonly watermarkMs: number;
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
}

/** What JSON carries best. */
interface Texts extends HalfHead {
  readonly others: readonly unknown[];
  readonly keys: readonly (string | number)[];
  readonly columns: readonly (readonly unknown[])[];
}

/** Bytes of a half-frame: one message of the scoring log. */
export function encodeHalves(frame: HalfFrame): Buffer {
  const { model, layout, side, from, ticks, others, keys, columns } = frame;
  const texts: Texts = { model, layout, side, from, ticks, others, keys, columns };
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
  const texts: Texts = JSON.parse(new TextDecoder().decode(json));
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
