import type { FeatureValue } from '../../features/shape.js';
import { isoTime } from '../../records/json.js';
import type { Score } from '../../records/score.js';
import type { Position } from '../../records/vector.js';

/** A score as schemas/scores.avsc has it. */
export interface ScoreRecord {
  readonly request_id: string;
  readonly key: string;
  readonly model: string;
  readonly version: string;
  readonly arm: string;
  readonly score: number | null;
  readonly time: string;
  readonly position: Position;
  readonly inputs: Readonly<Record<string, FeatureValue>>;
}

/** The record of a score, in JSON and in Avro. */
export function toScoreRecord(score: Score): ScoreRecord {
  return {
    request_id: score.requestId,
    key: String(score.key),
    model: score.model,
    version: score.version,
    arm: score.arm,
    score: score.score,
    time: isoTime(score.timeMs),
    position: { epoch: score.position.epoch, n: score.position.n },
    inputs: score.inputs,
  };
}

/** The score of a record that was read back from the topic. */
export function scoreOf(record: ScoreRecord): Score {
  return {
    requestId: record.request_id,
    key: record.key,
    model: record.model,
    version: record.version,
    arm: record.arm,
    score: record.score,
    timeMs: Date.parse(record.time),
    position: record.position,
    inputs: record.inputs,
  };
}
