import { WeirError } from '../errors.js';
import { parseTime } from '../streams/ingest/time.js';

/** A dead letter as it is read back; reasons may be added by later versions. */
export interface Letter {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly reason: string;
  readonly detail: string;
  readonly raw: string;
  /** When it was written; null where nothing tells. */
  readonly timeMs: number | null;
}

export interface SelectionOptions {
  readonly topic?: string;
  readonly reason?: string;
  readonly from?: string;
  readonly to?: string;
}

type Bound =
  | { readonly kind: 'offset'; readonly value: number }
  | { readonly kind: 'time'; readonly value: number };

/** Which letters are meant; `from` is part of the range, `to` is not. */
export function selection(options: SelectionOptions): (letter: Letter) => boolean {
  const from = options.from === undefined ? null : bound('--from', options.from, options.topic);
  const to = options.to === undefined ? null : bound('--to', options.to, options.topic);
  const at = (letter: Letter, { kind }: Bound): number =>
    kind === 'offset' ? letter.offset : (letter.timeMs ?? Number.NaN);
  return (letter) =>
    (options.topic === undefined || letter.topic === options.topic) &&
    (options.reason === undefined || letter.reason === options.reason) &&
    (from === null || at(letter, from) >= from.value) &&
    (to === null || at(letter, to) < to.value);
}

/** A whole number is an offset of the source topic, all else a time of writing. */
function bound(name: string, text: string, topic: string | undefined): Bound {
  if (/^\d+$/.test(text)) {
    if (topic !== undefined) return { kind: 'offset', value: Number(text) };
    throw new WeirError(
      'wrong-use',
      `${name} ${text}: an offset is one of a topic; give --topic with it, or a time with its zone`,
    );
  }
  const time = parseTime(text);
  if (typeof time === 'number') return { kind: 'time', value: time };
  throw new WeirError('wrong-use', `${name}: ${time}; give an offset, or a time with its zone`);
}

/** The identity of a letter: where its record came from. */
export function placeOf({ topic, partition, offset }: Letter): string {
  return `${topic}/${partition}/${offset}`;
}

/** @returns null where the text is no dead letter */
export function parseLetter(text: string, timeMs: number | null): Letter | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  // Whatever it is, its fields may be looked for.
  const { topic, partition, offset, reason, detail, raw } = value as Record<string, unknown>;
  const numbers = Number.isSafeInteger(partition) && Number.isSafeInteger(offset);
  const texts = [topic, reason, detail, raw].every((one) => typeof one === 'string');
  return numbers && texts
    ? ({ topic, partition, offset, reason, detail, raw, timeMs } as Letter)
    : null;
}

/** By coordinates once each, in the order of their topics. */
export function inOrder(letters: Iterable<Letter>): Letter[] {
  const once = new Map<string, Letter>();
  for (const letter of letters) once.set(placeOf(letter), letter);
  return [...once.values()].sort(
    (a, b) =>
      Number(a.topic > b.topic) - Number(a.topic < b.topic) ||
      a.partition - b.partition ||
      a.offset - b.offset,
  );
}
