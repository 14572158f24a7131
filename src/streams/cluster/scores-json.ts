import type { FeatureValue } from '../../features/shape.js';
import type { Score } from '../../records/score.js';

/** A record as `scoreJson` writes it. */
interface ScoreLine {
  readonly request_id: string;
  readonly key: string | number;
  readonly model: string;
  readonly version: string;
  readonly arm: string;
  readonly score: number | null;
  readonly time: string;
  readonly position: readonly [number, number];
  readonly inputs: Readonly<Record<string, FeatureValue>>;
}

/** The score of a line of JSON; null where it is none. */
export function parseScore(text: string): Score | null {
  try {
    const line: ScoreLine = JSON.parse(text);
    const { request_id: requestId, key, model, version, arm, score, inputs } = line;
    const timeMs = Date.parse(line.time);
    const [epoch, n] = line.position;
    if (!Number.isFinite(timeMs) || !Number.isFinite(epoch) || !Number.isFinite(n)) return null;
    const position = { epoch, n };
    return { requestId, key, model, version, arm, score, timeMs, position, inputs };
  } catch {
    return null;
  }
}
