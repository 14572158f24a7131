import { type Setting, settingAt, settings } from './settings.js';

/** One value from outside the file, and what it is called there. */
export interface Entry {
  readonly setting: Setting;
  readonly value: unknown;
  /** `WEIR_SERVER_PORT` or `--port`. */
  readonly place: string;
}

export type Draft = Record<string, unknown>;

export function isSection(value: unknown): value is Draft {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The section that a path ends in, made where `make` says so; undefined where none is. */
function sectionOf(draft: Draft, path: string, make = false): Draft | undefined {
  let section: unknown = draft;
  const names = path.split('.').slice(0, -1);
  for (const [index, name] of names.entries()) {
    if (!isSection(section)) return undefined;
    const inside = section[name];
    // `tls: true` gives way to a section of its own; other values are refused by the schema.
    const open = inside === undefined || settingAt(names.slice(0, index + 1).join('.'));
    if (make && open && !isSection(inside)) section[name] = {};
    section = section[name];
  }
  return isSection(section) ? section : undefined;
}

const lastOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

/** The value of a setting; undefined where it is not given. */
export function valueAt(draft: Draft, path: string): unknown {
  return sectionOf(draft, path)?.[lastOf(path)];
}

export function put(draft: Draft, path: string, value: unknown): void {
  const section = sectionOf(draft, path, true);
  if (section !== undefined) section[lastOf(path)] = value;
}

export function remove(draft: Draft, path: string): void {
  delete sectionOf(draft, path)?.[lastOf(path)];
}

/** A secret and the file of it stand for each other: the later layer's counts. */
function twinOf(path: string): string | undefined {
  const secret = settings.find(
    (one) => one.secret && [one.path, `${one.path}_file`].includes(path),
  );
  if (secret === undefined) return undefined;
  return path === secret.path ? `${secret.path}_file` : secret.path;
}

/** Sets the entries over what the draft has, and notes where each came from. */
export function apply(draft: Draft, places: Map<string, string>, layer: readonly Entry[]): void {
  for (const { setting } of layer) {
    const twin = twinOf(setting.path);
    if (twin === undefined || layer.some((entry) => entry.setting.path === twin)) continue;
    remove(draft, twin);
    places.delete(twin);
  }
  for (const { setting, value, place } of layer) {
    put(draft, setting.path, value);
    places.set(setting.path, place);
  }
}
