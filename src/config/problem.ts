import type { z } from 'zod';
import { closest } from './closest.js';
import { type Draft, isSection } from './layer.js';
import { namesIn, type Setting, settingAround, settings } from './settings.js';

/** Where the values came from. */
export interface Sources {
  readonly draft: Draft;
  /** Of a setting's value; undefined where the default stands. */
  placeOf(path: readonly PropertyKey[], part: 'name' | 'value'): string | undefined;
  isLong(path: readonly PropertyKey[]): boolean;
}

type Issue = z.core.$ZodIssue;

/** One sentence for each thing that is wrong: place, setting, expected, found, remedy. */
export function problemsOf(issue: Issue, sources: Sources): string[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((name) => {
      const place = sources.placeOf([...issue.path, name], 'name');
      return sentence(place, `"${toldName(name)}": ${unknown(path, name)}`);
    });
  }
  const value = path.reduce<unknown>(inside, sources.draft);
  if (issue.code === 'invalid_union' && isSection(value)) {
    // Of true, false or a section it is the section that has faults inside.
    const faults = issue.errors.at(-1) ?? [];
    return faults.flatMap((one) =>
      problemsOf({ ...one, path: [...issue.path, ...one.path] }, sources),
    );
  }
  if (issue.code === 'invalid_key') {
    const name = path.at(-1) ?? '';
    const expected = `"${toldName(name)}": expected ${issue.issues[0]?.message ?? 'a name'}`;
    return [sentence(sources.placeOf(issue.path, 'name'), `${expected}; write it so`)];
  }
  return [faultOfValue(issue, path, value, sources)];
}

function faultOfValue(
  issue: Issue,
  path: readonly string[],
  value: unknown,
  sources: Sources,
): string {
  const setting = settingAround(path);
  const place = placesOf(issue, sources);
  const name = setting?.path ?? path.join('.');
  if (setting === undefined) {
    const names = namesIn(path).join(', ');
    const remedy = `write ${names} below it, indented`;
    return sentence(place, `${name}: expected a section, found a value; ${remedy}`);
  }
  if (issue.code === 'custom' && issue.params !== undefined)
    return sentence(place, `${name}: ${issue.message}`);
  const found = sources.isLong(issue.path) ? 'a text of several lines' : shown(setting, value);
  const item = setting.kind === 'list' && name !== path.join('.');
  const remedy = remedyOf(setting, value, item);
  return sentence(place, `${name}: expected ${issue.message}, found ${found}; ${remedy}`);
}

function sentence(place: string | undefined, text: string): string {
  return place === undefined ? text : `${place}: ${text}`;
}

function inside(value: unknown, name: string): unknown {
  // Any value may be looked into; what has no such name gives undefined.
  return (value as Record<string, unknown> | null | undefined)?.[name];
}

/** The places of all settings that a rule is about, of those that were given. */
function placesOf(issue: Issue, sources: Sources): string | undefined {
  // RuleParams.
  const related = issue.code === 'custom' ? ((issue.params?.related ?? []) as string[]) : [];
  const all = [issue.path, ...related.map((path) => path.split('.'))];
  const places = all.flatMap((path) => sources.placeOf(path, 'value') ?? []);
  return places.length === 0 ? undefined : [...new Set(places)].join(' and ');
}

function unknown(section: readonly string[], name: string): string {
  const names = namesIn(section);
  const elsewhere = settings.filter(({ path }) => path.endsWith(`.${name}`));
  const near = closest(name.replace(/[^\w.-].*/s, ''), names);
  const kind =
    section.length === 0 ? 'no such setting or section' : `no such setting in ${section.join('.')}`;
  if (near !== undefined) return `${kind}; did you mean ${near}?`;
  if (elsewhere.length === 1) return `${kind}; did you mean ${elsewhere[0]?.path}?`;
  return `${kind}; there are ${names.join(', ')}`;
}

function remedyOf({ choices, example, secret }: Setting, value: unknown, item: boolean): string {
  if (secret) return 'put it in quotes, or use password_file';
  const near = typeof value === 'string' ? closest(value, choices) : undefined;
  if (near !== undefined) return `did you mean ${near}?`;
  if (value === null) return 'give it a value or leave it out';
  return `write for example ${item ? example.replace(/[[\]"]/g, '') : example}`;
}

/** A name as it may be told: of `password:abc`, which lacks a space, the part before the colon. */
export function toldName(name: string): string {
  const plain = /^[\w.-]{0,60}/.exec(name)?.[0] ?? '';
  return plain === name ? plain : `${plain}…`;
}

function quoted(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return JSON.stringify(short);
}

/** A value as it may be told: never a secret, nor the inside of a list or section. */
function shown({ path, secret, uri }: Setting, value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a section';
  if (secret) return typeof value === 'string' ? 'an empty text' : `a ${typeof value}`;
  // Where the file is asked for, some write the secret itself.
  if (path.endsWith('_file')) return `a ${typeof value}`;
  // An address may have a password in it.
  if (uri && /[@?]/.test(String(value))) return 'another text';
  return typeof value === 'string' ? quoted(value) : String(value);
}
