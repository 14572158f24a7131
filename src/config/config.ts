import type { z } from 'zod';
import type { configSchema } from './schema.js';

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
  const { password } = config.clickhouse;
  const shown = password === null ? null : '***';
  return deepFreeze({ ...config, clickhouse: { ...config.clickhouse, password: shown } });
}
