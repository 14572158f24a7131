import type { FeatureValue, ViewShape } from '../../features/shape.js';
import { isoTime } from '../../records/json.js';
import type { Latest, Position } from '../../records/vector.js';

/** A vector as schemas/feature-updates.avsc has it. */
export interface FeatureUpdateRecord {
  readonly view: string;
  readonly key: string;
  readonly as_of: string;
  readonly valid_until: string | null;
  readonly position: Position;
  readonly definition: string;
  readonly features: Readonly<Record<string, FeatureValue>>;
}

/** The record of an entity's latest vector, in JSON and in Avro. */
export function toFeatureUpdateRecord(latest: Latest): FeatureUpdateRecord {
  const { view, key, asOfMs, validUntilMs, position, values } = latest;
  return {
    view: view.name,
    key: String(key),
    as_of: isoTime(asOfMs),
    valid_until: validUntilMs === null ? null : isoTime(validUntilMs),
    position: { epoch: position.epoch, n: position.n },
    definition: view.hash,
    features: featuresOf(view, values),
  };
}

function featuresOf(
  { features }: ViewShape,
  values: readonly FeatureValue[],
): Record<string, FeatureValue> {
  // Names are plain: a definition cannot have one that an object inherits.
  const record: Record<string, FeatureValue> = {};
  for (let i = 0; i < features.length; i++) {
    const { name, type } = features[i]!;
    const value = values[i]!;
    record[name] = type === 'time' && typeof value === 'number' ? isoTime(value) : value;
  }
  return record;
}
