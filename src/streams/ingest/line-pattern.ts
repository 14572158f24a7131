import type { TopicDefinition } from '../../features/source.js';

/**
 * One layout of a line: its keys in order and the kind of each value. A line that the expression
 * matches is valid JSON of exactly that layout, so its values may be taken where they stand.
 */
export interface LinePattern {
  readonly expression: RegExp;
  /** The record with the wanted places only; layouts of one topic share a hidden class. */
  readonly record: (found: RegExpExecArray) => object;
  hits: number;
}

/** What a definition reads of a record: places below an object, a value of a row, or its time. */
export interface Places {
  readonly [name: string]: Places | 'value' | 'time';
}

/** A layout has at most so many values: expressions stay small. */
const valuesMax = 64;
/** Shorter texts are copies; longer ones would be views of the block they stand in, and keep it. */
const viewLength = 13;

// Texts without escapes and plain numbers; whatever else there is, JSON.parse reads.
const text = '"([^"\\\\\\x00-\\x1f]*)"';
const number = '(-?(?:0|[1-9]\\d*)(?:\\.\\d+)?)';
const scalar =
  '(?:"[^"\\\\\\x00-\\x1f]*"|-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][+-]?\\d+)?|true|false|null)';
const list = `\\[(?:${scalar}(?:, ?${scalar})*)?\\]`;

const quote = (value: string): string => JSON.stringify(value);
const escaped = (value: string): string => value.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
/** A computed name, which no literal shares, where the plain one would set the prototype. */
const keyCode = (name: string): string => (name === '__proto__' ? `['__proto__']` : quote(name));
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A text of its own; JSON.parse, since what it reads is what it would have read in the line. */
function own(found: string): string {
  return found.length < viewLength ? found : (JSON.parse(`"${found}"`) as string);
}

interface Growing {
  [name: string]: Growing | 'value' | 'time';
}

/** The places that a definition's decoder reads. */
export function placesOf({ fields, objects, time }: TopicDefinition): Places {
  const root: Growing = Object.create(null);
  const add = (path: readonly string[], leaf: 'value' | 'time' | Growing): void => {
    let at = root;
    for (const name of path.slice(0, -1)) {
      const below = at[name];
      const next: Growing = typeof below === 'object' ? below : Object.create(null);
      at[name] = next;
      at = next;
    }
    at[path.at(-1)!] ??= leaf;
  };
  for (const [name, field] of Object.entries(fields)) {
    add(field.from === undefined ? [name] : field.from.split('.'), 'value');
  }
  for (const path of objects) add(path.split('.'), Object.create(null) as Growing);
  add([time], 'time'); // read at once, so it may be a view
  return root;
}

class PatternWriter {
  captures = 0;
  values = 0;

  /** Pattern of an object; gives the code of its value too. Null where it has no plain layout. */
  object(value: Readonly<Record<string, unknown>>, places: Places | undefined): Written | null {
    const pairs: string[] = [];
    const found = new Map<string, string>();
    for (const [name, child] of Object.entries(value)) {
      const place = places?.[name];
      const written = this.value(child, place);
      if (written === null) return null;
      pairs.push(`${escaped(quote(name))}: ?${written.pattern}`);
      found.set(name, written.code);
    }
    const names = Object.keys(places ?? {});
    const code = names.map((name) => `${keyCode(name)}: ${found.get(name) ?? 'undefined'}`);
    return { pattern: `\\{${pairs.join(', ?')}\\}`, code: `{ ${code.join(', ')} }` };
  }

  value(value: unknown, place: Places | 'value' | 'time' | undefined): Written | null {
    if (++this.values > valuesMax) return null;
    if (isObject(value)) return typeof place === 'string' ? null : this.object(value, place);
    if (place === undefined) return { pattern: Array.isArray(value) ? list : scalar, code: '' };
    const capture = `found[${this.captures + 1}]`;
    switch (typeof value) {
      case 'string':
        this.captures++;
        return { pattern: text, code: place === 'time' ? capture : `own(${capture})` };
      case 'number':
        this.captures++;
        return { pattern: number, code: `+${capture}` };
      case 'object':
        return value === null ? { pattern: 'null', code: 'null' } : null;
      default:
        return { pattern: String(value), code: String(value) };
    }
  }
}

interface Written {
  readonly pattern: string;
  readonly code: string;
}

/** The layout of a record that JSON.parse read; null where it has none that is plain enough. */
export function linePattern(places: Places, record: object): LinePattern | null {
  const written = new PatternWriter().object(record as Record<string, unknown>, places);
  if (written === null) return null;
  const make = new Function('own', `return (found) => (${written.code});`) as (
    ...given: readonly unknown[]
  ) => LinePattern['record']; // the text is of this form
  return { expression: new RegExp(`^${written.pattern}$`), record: make(own), hits: 0 };
}
