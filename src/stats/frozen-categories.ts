import type { CategoricalBins } from './bins.js';
import { categoryText } from './category-text.js';

/**
 * Freezes the dictionary of a reference: its `limit` most frequent values as text, ties by code
 * unit order. Rarer ones count as unseen, in the reference as later.
 */
export function frozenCategories(reference: Iterable<unknown>, limit = 255): CategoricalBins {
  const frequency = new Map<string, number>();
  for (const value of reference) {
    const text = categoryText(value);
    if (text === null) continue;
    frequency.set(text, (frequency.get(text) ?? 0) + 1);
  }
  const byFrequency = [...frequency].sort(
    ([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1),
  );
  const values = byFrequency.slice(0, limit).map(([text]) => text);
  return { kind: 'categorical', values: values.sort((a, b) => (a < b ? -1 : 1)) };
}
