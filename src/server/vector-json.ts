import type { FeatureType, FeatureValue } from '../features/shape.js';
import type { Score } from '../records/score.js';
import type { Latest } from '../records/vector.js';

/** Milliseconds since 1970 as ISO 8601 in UTC with milliseconds; null stays null. */
export function isoTime(timeMs: number | null): string | null {
  return timeMs === null || !Number.isFinite(timeMs) ? null : new Date(timeMs).toISOString();
}

function plain(type: FeatureType, value: FeatureValue): FeatureValue {
  return type === 'time' && typeof value === 'number' ? isoTime(value) : value;
}

/** `{ view, key, as_of, valid_until, features }`; features in the order of the view, nulls kept. */
export function latestJson(latest: Latest): object {
  const features: Record<string, FeatureValue> = {};
  const shapes = latest.view.features;
  for (let i = 0; i < shapes.length; i++) {
    const shape = shapes[i]!;
    features[shape.name] = plain(shape.type, latest.values[i] ?? null);
  }
  return {
    view: latest.view.name,
    key: latest.key,
    as_of: isoTime(latest.asOfMs),
    valid_until: isoTime(latest.validUntilMs),
    features,
  };
}

/** As in `scores.ndjson`. */
export function scoreJson(score: Score): object {
  return {
    request_id: score.requestId,
    key: score.key,
    model: score.model,
    version: score.version,
    arm: score.arm,
    score: score.score,
    time: isoTime(score.timeMs),
    position: score.position,
    inputs: score.inputs,
  };
}
