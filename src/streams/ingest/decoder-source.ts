import { WeirError } from '../../errors.js';
import type { Field } from '../../features/fields.js';
import type { Rule, TopicDefinition } from '../../features/source.js';

/** Code of a decoder, with the values it takes beside it. */
export interface DecoderSource {
  readonly body: string;
  /** Names of the `oneOf` fields, in the order of their counters. */
  readonly unknownFields: readonly string[];
  /** Expected values of those `oneOf` fields that have many. */
  readonly sets: readonly ReadonlySet<string>[];
}

interface Writer {
  readonly definition: TopicDefinition;
  readonly lines: string[];
  /** Variable that holds the object at a path; a parent is looked up once for all its fields. */
  readonly objects: Map<string, string>;
  readonly unknownFields: string[];
  readonly sets: ReadonlySet<string>[];
}

/** Up to so many expected values are compared one by one: short texts of JSON are interned. */
const comparedMax = 8;
/** Every name of the definition enters the code through here, so none can be code. */
const quote = (text: string): string => JSON.stringify(text);
const pathOf = (name: string, field: Field<unknown>): readonly string[] =>
  field.from === undefined ? [name] : field.from.split('.');
const placeOf = (path: readonly string[]): string => path.join('.');

/** Reads a property; one that every object inherits counts only where the record itself has it. */
function read(object: string, name: string): string {
  const plain = `${object}[${quote(name)}]`;
  return name in Object.prototype
    ? `(Object.hasOwn(${object}, ${quote(name)}) ? ${plain} : undefined)`
    : plain;
}

/** Reads below a parent that may be absent: what is absent or null there is so below it. */
function readAt(writer: Writer, path: readonly string[]): string {
  if (path.length === 1) return read('record', path[0] as string); // length is 1
  const parent = objectAt(writer, path.slice(0, -1));
  return `${parent} === undefined || ${parent} === null ? ${parent} : ${read(parent, path.at(-1) as string)}`;
}

/**
 * Variable of the object at `path`; the code before it has made sure that it is one, null or
 * absent.
 */
function objectAt(writer: Writer, path: readonly string[]): string {
  const id = JSON.stringify(path);
  const known = writer.objects.get(id);
  if (known !== undefined) return known;
  const value = readAt(writer, path);
  const name = `object${writer.objects.size}`;
  writer.objects.set(id, name);
  writer.lines.push(
    `const ${name} = ${value};`,
    `if (${name} !== undefined && ${name} !== null && (typeof ${name} !== 'object' || Array.isArray(${name})))`,
    `  return mismatch(${quote(placeOf(path))}, 'an object', ${name});`,
  );
  return name;
}

function expectedNumber({ min, max }: Field<unknown>): string {
  if (min !== undefined && max !== undefined) return `a number from ${min} to ${max}`;
  if (min !== undefined) return `a number of at least ${min}`;
  return max === undefined ? 'a number' : `a number of at most ${max}`;
}

function oneOfCheck(writer: Writer, name: string, values: readonly string[], v: string): string {
  const index = writer.unknownFields.push(name) - 1;
  let isKnown: string;
  if (values.length <= comparedMax) {
    isKnown = values.map((value) => `${v} === ${quote(value)}`).join(' || ') || 'false';
  } else isKnown = `sets[${writer.sets.push(new Set(values)) - 1}].has(${v})`;
  return `if (!(${isKnown})) countUnknown(unknown[${index}], ${v});`;
}

/** Code that refuses a value that is there but wrong. */
function check(writer: Writer, name: string, field: Field<unknown>, v: string): string {
  const place = quote(placeOf(pathOf(name, field)));
  const refuse = (expected: string): string =>
    `return mismatch(${place}, ${quote(expected)}, ${v});`;
  switch (field.kind) {
    case 'key':
      return `if (typeof ${v} === 'string' ? ${v} === '' : !Number.isSafeInteger(${v})) return keyReason(${place}, ${v});`;
    case 'number': {
      // 1e999 is JSON and parses to Infinity: a side without a bound still ends before it.
      const low = field.min === undefined ? `${v} > -Infinity` : `${v} >= ${Number(field.min)}`;
      const high = field.max === undefined ? `${v} < Infinity` : `${v} <= ${Number(field.max)}`;
      return `if (typeof ${v} !== 'number' || !(${low} && ${high})) ${refuse(expectedNumber(field))}`;
    }
    case 'text':
      return `if (typeof ${v} !== 'string') ${refuse('text')}`;
    case 'texts':
      return `if (!isTexts(${v})) ${refuse('a list of texts')}`;
    case 'oneOf':
      return `if (typeof ${v} !== 'string') ${refuse('text')}\n${oneOfCheck(writer, name, field.values ?? [], v)}`;
    default:
      return field.kind satisfies never;
  }
}

function writeField(writer: Writer, name: string, field: Field<unknown>, v: string): void {
  const value = readAt(writer, pathOf(name, field));
  const checked = check(writer, name, field, v);
  writer.lines.push(`let ${v} = ${value};`);
  if (!field.optional) writer.lines.push(checked);
  else {
    const absent = writer.definition.kind === 'table' ? '' : ` else ${v} = null;`;
    writer.lines.push(`if (${v} !== undefined && ${v} !== null) {\n${checked}\n}${absent}`);
  }
}

function writeRule(writer: Writer, rule: Rule): void {
  const { definition } = writer;
  const names = Object.keys(definition.fields);
  const column = (name: string): { readonly v: string; readonly place: string } => {
    const field = definition.fields[name];
    if (field === undefined) {
      throw new WeirError(
        'definition-invalid',
        `${definition.topic}: a rule names the field ${name}, which is not declared; the fields are ${names.join(', ')}`,
      );
    }
    return { v: `v${names.indexOf(name)}`, place: placeOf(pathOf(name, field)) };
  };
  const isAbsent = (v: string): string => `(${v} === undefined || ${v} === null)`;
  if (rule.kind === 'required') {
    const { v, place } = column(rule.field);
    const when = Object.entries(rule.when).map(([name, value]) => ({ ...column(name), value }));
    const holds = when.map((one) => `${one.v} === ${quote(one.value)}`);
    const said = when.map((one) => `${one.place} is ${one.value}`).join(' and ');
    writer.lines.push(
      `if (${[...holds, isAbsent(v)].join(' && ')}) return ${quote(`${place}: missing, required where ${said}`)};`,
    );
    return;
  }
  const columns = rule.fields.map(column);
  const absents = columns.map((one) => isAbsent(one.v)).join(' + ');
  const reason = `${columns.map((one) => one.place).join(' and ')}: expected all of them or none`;
  writer.lines.push(
    `switch (${absents}) { case 0: break; default: return ${quote(reason)};`,
    `case ${columns.length}: ${togetherCleared(writer, columns)} }`,
  );
}

/** In a table a null clears; fields that stand together are cleared together. */
function togetherCleared(writer: Writer, columns: readonly { readonly v: string }[]): string {
  if (writer.definition.kind !== 'table') return '';
  const isCleared = columns.map((one) => `${one.v} === null`).join(' || ');
  return `if (${isCleared}) ${columns.map((one) => `${one.v} = `).join('')}null;`;
}

/** Writes the code of a topic's decoder: fields in order, then objects, rules and time. */
export function decoderSource(definition: TopicDefinition): DecoderSource {
  const writer: Writer = {
    definition,
    lines: [],
    objects: new Map(),
    unknownFields: [],
    sets: [],
  };
  const names = Object.keys(definition.fields);
  for (const [i, name] of names.entries()) {
    writeField(writer, name, definition.fields[name] as Field<unknown>, `v${i}`); // name is a key
  }
  for (const path of definition.objects) {
    const v = objectAt(writer, path.split('.'));
    writer.lines.push(
      `if (${v} === undefined || ${v} === null) return mismatch(${quote(path)}, 'an object', ${v});`,
    );
  }
  for (const rule of definition.rules) writeRule(writer, rule);
  const body = [
    `'use strict';`,
    'const { parseTime, isTexts, keyReason, mismatch, countUnknown } = library;',
    'return function decode(record, into) {',
    ...writer.lines,
    `const time = parseTime(${read('record', definition.time)});`,
    `if (typeof time === 'string') return ${quote(`${definition.time}: `)} + time;`,
    // Computed names: a column called __proto__ is a column, not the row's prototype.
    `into.row = { ${names.map((name, i) => `[${quote(name)}]: v${i}`).join(', ')} };`,
    'into.timeMs = time;',
    `return '';`,
    '};',
  ].join('\n');
  return { body, unknownFields: writer.unknownFields, sets: writer.sets };
}
