import { cellKind } from '../datasets/cell.js';
import { type CollectedColumn, categoryOf } from '../datasets/collected-column.js';
import type { TextDictionary } from '../datasets/text-dictionary.js';
import type { CategoricalBins } from '../stats/bins.js';
import { rareCount } from '../stats/rare-count.js';
import { frequencies } from './exact-tests.js';

const binsMax = 255;
/** Rows of a window that a bin of rare categories is to expect. */
const rowsOfBin = 8;

/** Bins of the frequent categories, each its own, then those that rare and new ones share. */
export interface CategoryBins {
  readonly bins: CategoricalBins;
  /** How many at the end are shared: a rare category's one is chosen by its text. */
  readonly shared: number;
}

/**
 * Freezes the categories of a reference. Rare ones and those to come are spread over shared bins by
 * a hash of their text, since what the reference has in them is as much too little in each bin of
 * its own as it is too much in the frequent ones (see `rareCount`).
 */
export function categoryBins(column: CollectedColumn, nWindow: number): CategoryBins {
  const all = [...frequencies(column)];
  const rare = rareCount(
    all.map(([, count]) => count),
    binsMax,
  );
  const own = all.filter(([, count]) => count > rare).map(([category]) => category);
  own.sort((a, b) => (a < b ? -1 : 1));
  let rows = 0;
  let tail = 0;
  for (const [, count] of all) {
    rows += count;
    if (count <= rare) tail += count;
  }
  const expected = (tail * Math.min(1, nWindow / Math.max(1, rows))) / rowsOfBin;
  const shared = Math.max(0, Math.min(Math.floor(expected), binsMax - own.length));
  const names = Array.from({ length: shared }, (_, i) => `others ${i + 1} of ${shared}`);
  return { bins: { kind: 'categorical', values: [...own, ...names] }, shared };
}

/** Texts by their code, known after the first time; null and what is no category at the end. */
export function categoryPlace(
  { bins: { values }, shared }: CategoryBins,
  texts: TextDictionary,
): (kind: number, value: number) => number {
  const unseen = values.length;
  const own = unseen - shared;
  const bins = new Map(values.slice(0, own).map((value, bin) => [value, bin]));
  const binOf = (category: string) =>
    bins.get(category) ?? (shared > 0 ? own + (hashOf(category) % shared) : unseen);
  const byCode: number[] = [];
  return (kind, value) => {
    if (kind === cellKind.text && value >= 0) {
      const known = byCode[value];
      if (known !== undefined) return known;
    }
    const category = categoryOf(kind, value, texts);
    if (category === null) return unseen + 1;
    const bin = binOf(category);
    if (kind === cellKind.text && value >= 0) {
      while (byCode.length < value) byCode.push(binOf(texts.texts[byCode.length]!));
      byCode[value] = bin;
    }
    return bin;
  };
}

/** FNV-1a of the text's code units, its bits stirred. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
