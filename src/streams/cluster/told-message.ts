import { gunzipSync, gzipSync } from 'node:zlib';
import { parseReference, referenceText } from '../../monitors/reference-file.js';
import type { ToldSwitch } from '../../operators/held-reference.js';
import type { MessageHeaders } from './log-task.js';

/** What the policy task tells the tasks of other logs; it stands in their logs like all else. */
export type Told =
  | ({ readonly kind: 'reference' } & ToldSwitch)
  | ({ readonly kind: 'model' } & ToldModel);

/** Another version of a model for those who score. */
export interface ToldModel {
  readonly model: string;
  readonly place: number;
  /** Version that the processes were started with: of another one it is not meant. */
  readonly configured: string;
  readonly version: string;
  /** Of its ONNX file: every process scores with the same bytes. */
  readonly sha256: string;
}

type Plain =
  | (Omit<ToldSwitch, 'reference'> & { readonly kind: 'reference'; readonly reference: string })
  | ({ readonly kind: 'model' } & ToldModel);

// As the length of a frame's header it would be 1.9 GB.
const start = Buffer.from('{"told":');

/** A message of the logs of features and of scoring, among their frames. */
export function toldJson(told: Told): string {
  const plain: Plain =
    told.kind === 'model' ? told : { ...told, reference: referenceText(told.reference) };
  return JSON.stringify({ told: plain });
}

/** What a message tells; null where it is a frame. */
export function parseTold(value: Uint8Array): Told | null {
  if (value[0] !== start[0] || start.compare(value, 0, start.length) !== 0) return null;
  const { told } = JSON.parse(Buffer.from(value).toString()) as { told: Plain }; // as `toldJson`
  if (told.kind === 'model') return told;
  return { ...told, reference: parseReference(told.reference, 'log') };
}

/** The header of a record of `scores` that tells those who read the topic as a log. */
export const toldHeader = 'weir-told';

/** Packed: brokers take records of 1 MB by default, and a reference may have twice that. */
export function toldText(told: Told): string {
  return gzipSync(toldJson(told)).toString('base64');
}

/** What a record's header tells; null where it tells nothing that this version knows. */
export function toldIn(headers: MessageHeaders | undefined): Told | null {
  const text = headers?.[toldHeader];
  if (text === undefined) return null;
  try {
    return parseTold(gunzipSync(Buffer.from(String(text), 'base64')));
  } catch {
    return null; // someone else's record, in a topic that others may write to
  }
}
