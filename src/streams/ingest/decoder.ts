import type { Row } from '../../features/fields.js';
import type { TopicDefinition } from '../../features/source.js';
import { decoderSource } from './decoder-source.js';
import { describe } from './describe.js';
import { createLayouts, type KnownLayouts, learnLayout, readKnown } from './known-layouts.js';
import { parseTime } from './time.js';
import { countUnknown, type UnknownValues } from './unknown-values.js';

/** What a decoder leaves behind; written anew by every record, so that none is allocated for it. */
export interface Decoded {
  row: Row | null;
  timeMs: number;
}

/** A topic's records made into rows by code that was generated from its definition. */
export interface Decoder {
  readonly definition: TopicDefinition;
  /** Fills `into` and gives '', or gives the reason why the record is invalid. */
  readonly decode: (record: object, into: Decoded) => string;
  /** One for each `oneOf` field. */
  readonly unknown: readonly UnknownValues[];
  readonly layouts: KnownLayouts;
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function keyReason(place: string, value: unknown): string {
  return typeof value === 'number' && Number.isInteger(value)
    ? `${place}: an integer beyond 2^53 - 1 has lost digits; send it as a string`
    : mismatch(place, 'text or an integer', value);
}

function mismatch(place: string, expected: string, value: unknown): string {
  return value === undefined
    ? `${place}: missing`
    : `${place}: expected ${expected}, found ${describe(value)}`;
}

/** What generated code may call. */
const library = { parseTime, isTexts, keyReason, mismatch, countUnknown };

/**
 * Compiles a topic's fields, rules and objects to one function from parsed JSON to a flat row.
 *
 * Rows of one topic share a hidden class, columns in the order declared. An absent column is null;
 * in a table's row it is undefined, since there null clears the column and absence keeps it.
 * Errors: `definition-invalid` where a rule names no field.
 */
export function compileDecoder(definition: TopicDefinition): Decoder {
  const { body, unknownFields, sets } = decoderSource(definition);
  const unknown = unknownFields.map((field) => ({ field, counts: new Map(), other: 0 }));
  const make = new Function('library', 'unknown', 'sets', body) as (
    ...given: readonly unknown[]
  ) => Decoder['decode']; // the text in decoder-source.ts returns such a function
  const decode = make(library, unknown, sets);
  return { definition, decode, unknown, layouts: createLayouts(definition) };
}

/** Parses and decodes one line; '' or the reason, never a throw. */
export function decodeLine(decoder: Decoder, text: string, into: Decoded): string {
  const known = readKnown(decoder.layouts, text);
  if (known !== null) return decoder.decode(known, into);
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch (error) {
    return notJson(error);
  }
  if (typeof record !== 'object' || record === null || Array.isArray(record)) {
    return `expected a JSON object, found ${describe(record)}`;
  }
  learnLayout(decoder.layouts, text, record);
  return decoder.decode(record, into);
}

/** In our own words: those of the engine change from one version of Node to the next. */
function notJson(error: unknown): string {
  const isCut = error instanceof Error && /end of JSON|Unterminated/.test(error.message);
  return isCut ? 'not valid JSON: the text ends too early' : 'not valid JSON';
}
