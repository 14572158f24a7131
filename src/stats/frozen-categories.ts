import type { CategoricalBins } from './bins.js';
import { categoryText } from './category-text.js';
import { rareCount } from './rare-count.js';

/**
 * Freezes the dictionary of a reference: its frequent values as text, `limit` of them at most.
 * Rarer ones count as unseen, in the reference as later; which are rare is such that what the
 * choice by this very reference takes from them is no more than their noise (`rareCount`).
 */
export function frozenCategories(reference: Iterable<unknown>, limit = 255): CategoricalBins {
  const frequency = new Map<string, number>();
  for (const value of reference) {
    const text = categoryText(value);
    if (text === null) continue;
    frequency.set(text, (frequency.get(text) ?? 0) + 1);
  }
  const rare = rareCount(frequency.values(), limit);
  const values = [...frequency].filter(([, count]) => count > rare).map(([text]) => text);
  return { kind: 'categorical', values: values.sort((a, b) => (a < b ? -1 : 1)) };
}
