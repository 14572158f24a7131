import type { FeatureValue, ViewShape } from '../features/shape.js';
import type { DeadLetter } from './dead-letter.js';
import type { Score } from './score.js';
import type { Latest, Vector } from './vector.js';

/** ISO 8601 in UTC with milliseconds; beyond the calendar's years, the number itself. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** `{"name":value,…}` of a vector's features; times as ISO text. */
function featuresJson(view: ViewShape, values: readonly FeatureValue[]): string {
  let text = '{';
  for (let i = 0; i < view.features.length; i++) {
    const { name, type } = view.features[i]!;
    const value = values[i]!;
    const written = value !== null && type === 'time' ? isoTime(value as number) : value;
    text += `${i === 0 ? '' : ','}${JSON.stringify(name)}:${JSON.stringify(written)}`;
  }
  return `${text}}`;
}

/** A line of `vectors.ndjson`, without its end. */
export function vectorJson(vector: Vector): string {
  const { view, key, topic, partition, offset, timeMs, asOfMs, position, values } = vector;
  return `{"view":${JSON.stringify(view.name)},"key":${JSON.stringify(key)},"topic":${JSON.stringify(topic)},"partition":${partition},"offset":${offset},"time":"${isoTime(timeMs)}","as_of":"${isoTime(asOfMs)}","position":[${position.epoch},${position.n}],"features":${featuresJson(view, values)}}`;
}

/** A line of `latest.ndjson`, without its end; also what the HTTP API answers. */
export function latestJson(latest: Latest): string {
  const { view, key, asOfMs, validUntilMs, values } = latest;
  const until = validUntilMs === null ? 'null' : `"${isoTime(validUntilMs)}"`;
  return `{"view":${JSON.stringify(view.name)},"key":${JSON.stringify(key)},"as_of":"${isoTime(asOfMs)}","valid_until":${until},"features":${featuresJson(view, values)}}`;
}

/** A line of `scores.ndjson`, without its end. */
export function scoreJson(score: Score): string {
  const { requestId, key, model, version, arm, timeMs, position, inputs } = score;
  return JSON.stringify({
    request_id: requestId,
    key,
    model,
    version,
    arm,
    score: score.score,
    time: isoTime(timeMs),
    position: [position.epoch, position.n],
    inputs,
  });
}

/** A line of `dead-letters.ndjson`, without its end. */
export function deadLetterJson(letter: DeadLetter): string {
  const { topic, partition, offset, reason, detail, raw } = letter;
  return JSON.stringify({ topic, partition, offset, reason, detail, raw });
}
