import type { z } from 'zod';
import { type Draft, put, valueAt } from './layer.js';
import type { configSchema } from './schema.js';
import { settings } from './settings.js';

type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;

/** All settings, checked and frozen: durations in ms, sizes in bytes, secrets read. */
export type Config = Frozen<z.output<typeof configSchema>>;

export function deepFreeze<T>(value: T): Frozen<T> {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value as Frozen<T>; // the same value, of which nothing can be changed now
}

/** The configuration to be printed: secrets that are set show as `***`. */
export function redacted(config: Config): Config {
  const copy = structuredClone(config) as Draft; // plain data, so its copy is of the same form
  for (const { path } of settings.filter((setting) => setting.secret)) {
    if (typeof valueAt(copy, path) === 'string') put(copy, path, '***');
  }
  return deepFreeze(copy) as unknown as Config; // only texts were put in the place of texts
}
