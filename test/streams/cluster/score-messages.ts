import type { FeatureValue } from '../../../src/features/shape.js';
import { scoreJson } from '../../../src/records/json.js';
import type { Score } from '../../../src/records/score.js';
import type { LogMessage } from '../../../src/streams/cluster/log-task.js';
import { watermarkOf } from '../../../src/streams/cluster/score-headers.js';
import type { ScoreRecord } from '../../../src/streams/cluster/scoring-output.js';
import { toldIn } from '../../../src/streams/cluster/told-message.js';

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
function parseScore(text: string): Score | null {
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

/** A record of `scores` in JSON: its text is that of `scores.ndjson`. */
export function encodeScore({ score }: ScoreRecord): string {
  return scoreJson(score);
}

/** The score of a message in JSON; null where it holds none. */
export function decodeScore({ value, headers }: LogMessage): ScoreRecord | null {
  const score = parseScore(value.toString());
  if (score === null) return null;
  const told = toldIn(headers);
  return { score, watermarkMs: watermarkOf(headers), ...(told === null ? {} : { told }) };
}
