import type { MessageHeaders } from './log-task.js';
import { type ScoreRecord, watermarkHeader } from './scoring-output.js';
import { toldHeader, toldText } from './told-message.js';

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
