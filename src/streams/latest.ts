import type { ViewState } from '../features/view-state.js';
import type { FeatureTask } from '../operators/feature-task.js';
import type { Latest } from '../records/vector.js';

/**
 * A key's vector with all its events, evaluated at the larger of its own latest time and `atMs`.
 * @param k the key's number in the view
 */
export function latestOf(
  task: FeatureTask,
  view: ViewState,
  k: number,
  atMs: number,
  epoch: number,
): Latest {
  const numbers = new Float64Array(view.numbers);
  const others: unknown[] = [];
  const asOfMs = Math.max(view.asOfMs(k), atMs);
  const change = view.read(k, asOfMs, numbers, 0, others, 0);
  return {
    view: view.definition.shape,
    key: view.keys.keys[k]!,
    asOfMs,
    validUntilMs: Number.isFinite(change) ? change : null,
    position: { epoch, n: task.n },
    values: view.values(numbers, 0, others, 0),
  };
}
