import { z } from 'zod';
import { byteSize, byteSizePattern } from './byte-size.js';
import { durationMs, durationPattern } from './duration.js';

// An error text says what is expected; place, what was found and remedy are added where it is told.

interface Measure {
  readonly noun: string;
  readonly pattern: RegExp;
  read(text: string): number | undefined;
}

/** A measure written as text with a unit, and how it is read as a number from `least` to `most`. */
function measure(kind: Measure, [least, most]: readonly [least: string, most: string]) {
  const expected = `${kind.noun} from ${least} to ${most}`;
  const [leastNumber = 0, mostNumber = 0] = [kind.read(least), kind.read(most)];
  const read = (input: string, issues: z.core.$ZodRawIssue[], path: string[] = []): number => {
    const number = kind.read(input);
    if (number !== undefined && number >= leastNumber && number <= mostNumber) return number;
    issues.push({ code: 'custom', message: expected, input, path });
    return z.NEVER;
  };
  const text = z.string(expected).regex(kind.pattern, expected);
  return { text, read, range: `(${least} to ${most})` };
}

const durations = {
  noun: 'a duration with its unit',
  pattern: durationPattern,
  read: durationMs,
};
const sizes = { noun: 'a size with its unit', pattern: byteSizePattern, read: byteSize };

/** Text such as `30s`; ms when read. */
export function duration(byDefault: string, range: readonly [string, string], description: string) {
  const { text, read, range: told } = measure(durations, range);
  return text
    .default(byDefault)
    .transform((given, { issues }) => read(given, issues))
    .describe(`${description} ${told}`);
}

/** A duration for each of several names, none of which needs one. */
export function durationsByName(
  name: Form,
  range: readonly [string, string],
  meta: { readonly description: string; readonly examples: readonly unknown[] },
) {
  const { text, read, range: told } = measure(durations, range);
  return z
    .record(z.string(name.expected).regex(name.pattern, name.expected), text, 'a section of names')
    .default({})
    .meta({ description: `${meta.description} ${told}`, examples: [...meta.examples] })
    .transform((given, { issues }) =>
      Object.fromEntries(
        Object.entries(given).map(([key, text]) => [key, read(text, issues, [key])]),
      ),
    );
}

/** Text such as `10GB`; bytes when read. */
export function size(byDefault: string, range: readonly [string, string], description: string) {
  const { text, read, range: told } = measure(sizes, range);
  return text
    .default(byDefault)
    .transform((given, { issues }) => read(given, issues))
    .describe(`${description} ${told}`);
}

type Range = readonly [least: number, most: number];

function bounded([least, most]: Range) {
  const expected = `an integer from ${least} to ${most}`;
  return z.int(expected).min(least, expected).max(most, expected);
}

export function integer(byDefault: number, range: Range, description: string) {
  return bounded(range).default(byDefault).describe(description);
}

/** Null where it is left open. */
export function optionalInteger(example: number, range: Range, description: string) {
  return bounded(range)
    .nullable()
    .default(null)
    .meta({ description, examples: [example] });
}

/** 0.02 for 2 %. */
export function share(byDefault: number, most: number, description: string) {
  const expected = `a share from 0 to ${most}`;
  return z
    .number(expected)
    .min(0, expected)
    .max(most, expected)
    .default(byDefault)
    .describe(description);
}

export function flag(byDefault: boolean, description: string) {
  return z.boolean('true or false').default(byDefault).describe(description);
}

export function choice<const Names extends readonly [string, ...string[]]>(
  names: Names,
  byDefault: NoInfer<Names[number]>,
  description: string,
) {
  const schema = z.enum(names, `one of ${names.join(', ')}`);
  // The default is one of the names, which zod's types of a generic enum cannot see.
  return schema.default(byDefault as z.output<typeof schema>).describe(description);
}

export interface Form {
  readonly expected: string;
  readonly pattern: RegExp;
}

const anyText: Form = { expected: 'a text (quote what looks like a number)', pattern: /\S/ };

export function text(byDefault: string, description: string, form: Form = anyText) {
  return z
    .string(form.expected)
    .regex(form.pattern, form.expected)
    .default(byDefault)
    .describe(description);
}

/** Undefined where it is left out; null is refused, as `password: #1` would be one. */
export function optionalText(
  example: string,
  description: string,
  { expected, pattern }: Form = anyText,
  marks: { readonly format?: 'uri'; readonly writeOnly?: true } = {},
) {
  return z
    .string(expected)
    .regex(pattern, expected)
    .optional()
    .meta({ description, examples: [example], ...marks });
}

/** Without a default: its section is of no use without it. */
export function requiredText(
  example: string,
  description: string,
  { expected, pattern }: Form = anyText,
  marks: { readonly format?: 'uri' } = {},
) {
  return z
    .string(expected)
    .regex(pattern, expected)
    .meta({ description, examples: [example], ...marks });
}

/** At least one of them, which has no default. */
export function requiredList<Item extends z.ZodType>(
  item: Item,
  example: string,
  description: string,
) {
  const expected = 'a list of at least one';
  return z
    .array(item, expected)
    .min(1, expected)
    .meta({ description, examples: [[example]] });
}

/** An `http://` or `https://` address, without user and password. */
export const webAddress: Form = {
  expected: 'an http:// or https:// address',
  pattern: /^https?:\/\/[^\s/]/,
};

/** `writeOnly` in the JSON schema: its value is never told. */
export function secret(description: string) {
  return optionalText('…', description, anyText, { writeOnly: true });
}

export function list<Item extends z.ZodType>(item: Item, example: string, description: string) {
  return z
    .array(item, 'a list')
    .default([])
    .meta({ description, examples: [[example]] });
}
