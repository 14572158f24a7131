import type { FeatureValue } from '../../features/shape.js';
import { scoreJson } from '../../records/json.js';
import type { Score } from '../../records/score.js';
import type { LogMessage, MessageHeaders } from './log-task.js';
import { type ScoreRecord, watermarkHeader } from './scoring-output.js';
import { toldHeader, toldIn, toldText } from './told-message.js';

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

/** The headers of a score's record. */
export function scoreHeaders({ watermarkMs, told = null }: ScoreRecord): Record<string, string> {
  const headers: Record<string, string> = {};
  if (watermarkMs !== null) headers[watermarkHeader] = String(watermarkMs);
  if (told !== null) headers[toldHeader] = toldText(told);
  return headers;
}

/** The watermark that a record carries; null where it carries none. */
export function watermarkOf(headers: MessageHeaders | undefined): number | null {
  const watermarkMs = Number.parseInt(String(headers?.[watermarkHeader] ?? ''), 10);
  return Number.isFinite(watermarkMs) ? watermarkMs : null;
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
