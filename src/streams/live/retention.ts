import type { LogSet } from '../log-set.js';

/** A snapshot that was taken: its next batch, and when. */
export interface Mark {
  readonly batch: number;
  readonly atMs: number;
}

const marksKept = 1_000;

/**
 * Drops the oldest part of the logs: what is older than `keepMs`, and more while they hold more
 * than `keepBytes`; never what the second-last snapshot needs. Gives the marks that still matter.
 */
export function retain(
  logs: Pick<LogSet, 'bytes' | 'dropBefore'>,
  marks: readonly Mark[],
  limits: { readonly keepMs: number; readonly keepBytes: number },
): Mark[] {
  const last = marks.at(-1);
  if (last === undefined) return [];
  const droppable = marks.slice(0, -1);
  let kept = 0;
  for (const mark of droppable) {
    const old = last.atMs - mark.atMs > limits.keepMs;
    if (!old && logs.bytes <= limits.keepBytes) break;
    logs.dropBefore(mark.batch);
    kept++;
  }
  const left = marks.slice(kept);
  return left.length <= marksKept
    ? left
    : left.filter((_, i) => i % 2 === 0 || i > left.length - 3);
}
