import { type Setting, settings } from './settings.js';

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

function split(path: string): [section: string | undefined, name: string] {
  const [first = '', second] = path.split('.');
  return second === undefined ? [undefined, first] : [first, second];
}

/** The value of a setting; undefined where it is not given. */
export function valueAt(draft: Draft, path: string): unknown {
  const [section, name] = split(path);
  const inside = section === undefined ? draft : draft[section];
  return isSection(inside) ? inside[name] : undefined;
}

function put(draft: Draft, path: string, value: unknown): void {
  const [section, name] = split(path);
  if (section === undefined) {
    draft[name] = value;
    return;
  }
  draft[section] ??= {};
  const inside = draft[section];
  if (isSection(inside)) inside[name] = value; // what else stands there is refused by the schema
}

export function remove(draft: Draft, path: string): void {
  const [section, name] = split(path);
  const inside = section === undefined ? draft : draft[section];
  if (isSection(inside)) delete inside[name];
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
