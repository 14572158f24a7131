import type { FeatureValue, ViewShape } from '../../features/shape.js';
import { isoTime } from '../../records/json.js';
import type { Latest } from '../../records/vector.js';

/** Fields of a vector's hash; the value of each is JSON. docs/redis.md explains them. */
export const hashFields = [
  'features',
  'as_of_ms',
  'valid_until_ms',
  'position',
  'key',
  'definition',
] as const;

/**
 * Writes the Redis keys of a view: `<prefix>{<pipeline>:<key column>:<key>}:<view>`. What stands in
 * braces decides the slot, so an entity's views share one. The key stands there as it is: a brace
 * in it ends the part that is hashed, in all of the entity's views alike, and no two keys meet,
 * since a view's name has neither brace nor colon.
 */
export function redisKeys(
  prefix: string,
  pipeline: string,
  view: Pick<ViewShape, 'name' | 'key'>,
): (key: string | number) => string {
  const before = `${prefix}{${pipeline}:${view.key}:`;
  const after = `}:${view.name}`;
  return (key) => before + key + after;
}

/** Compiles the JSON of a view's features, as the HTTP API answers them, null for none. */
export function featuresText(view: ViewShape): (values: readonly FeatureValue[]) => string {
  const count = view.features.length;
  const names = view.features.map(
    ({ name }, i) => `${i === 0 ? '{' : ','}${JSON.stringify(name)}:`,
  );
  const isTime = view.features.map(({ type }) => type === 'time');
  return (values) => {
    if (count === 0) return '{}';
    let text = '';
    for (let i = 0; i < count; i++) {
      const value = values[i] ?? null;
      text += names[i]!;
      if (value === null) text += 'null';
      else if (typeof value !== 'number') text += JSON.stringify(value);
      else if (!Number.isFinite(value)) text += 'null';
      else text += isTime[i] ? `"${isoTime(value)}"` : value;
    }
    return `${text}}`;
  };
}

/** A vector as it is stored. */
export interface StoredLatest extends Latest {
  /** Hash of the view that wrote it; another than `view.hash` when the view has changed since. */
  readonly definition: string;
}

/**
 * Reads the values of `hashFields`; undefined where there is no vector.
 * @throws SyntaxError, TypeError where they are not Weir's
 */
export function parseLatest(
  view: ViewShape,
  [features, asOf, until, position, key, definition]: readonly (string | null)[],
): StoredLatest | undefined {
  if (typeof features !== 'string' || typeof position !== 'string') return undefined;
  const named = JSON.parse(features) as Record<string, FeatureValue>; // written by featuresText
  const [epoch, n] = JSON.parse(position) as [number, number];
  const values = view.features.map(({ name, type }) => {
    const value = named[name] ?? null;
    return type === 'time' && typeof value === 'string' ? Date.parse(value) : value;
  });
  return {
    view,
    key: JSON.parse(key ?? 'null') as string | number,
    asOfMs: Number(asOf),
    validUntilMs: JSON.parse(until ?? 'null') as number | null,
    position: { epoch, n },
    values,
    definition: JSON.parse(definition ?? '""') as string,
  };
}
