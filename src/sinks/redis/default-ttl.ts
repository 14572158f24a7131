import type { ViewDefinition } from '../../features/view.js';

const marginMs = 86_400_000;

/**
 * How long a view's vectors are kept after their last write, ms: its longest window and a day. By
 * then all windows are empty, which is what no vector says too. Null, for ever, where a feature
 * covers a lifetime: that one is lost only with the vector.
 */
export function defaultTtlMs(view: ViewDefinition): number | null {
  let longestMs = 0;
  for (const feature of view.features) {
    if (feature.kind !== 'aggregate') continue;
    if (feature.window === null) return null;
    longestMs = Math.max(longestMs, feature.window.lengthMs);
  }
  return longestMs + marginMs;
}
