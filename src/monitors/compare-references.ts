import { type Bins, notFiniteBin, nullBin } from '../stats/bins.js';
import type { FeatureReference, Reference } from './reference.js';

/** How one feature differs between two references. */
export interface ReferenceDifference {
  readonly feature: string;
  readonly nFirst: number;
  readonly nSecond: number;
  /**
   * Largest distance of the distribution functions; of numbers at the edges of both, where the
   * other one's is known to one of its own bins. Null where they cannot be compared.
   */
  readonly distance: number | null;
  /** Null where that one lacks the feature. */
  readonly nullsFirst: number | null;
  readonly nullsSecond: number | null;
  /** Which of them lacks the feature; null for neither. */
  readonly lackedBy: 'first' | 'second' | null;
}

/** The features of both references, those that differ most first; then those that one lacks. */
export function compareReferences(
  first: Reference,
  second: Reference,
): readonly ReferenceDifference[] {
  const names = [...first.features, ...second.features].map((feature) => feature.name);
  const of = (reference: Reference, name: string) =>
    reference.features.find((feature) => feature.name === name);
  const differences = [...new Set(names)].map((name): ReferenceDifference => {
    const a = of(first, name);
    const b = of(second, name);
    return {
      feature: name,
      nFirst: a?.n ?? 0,
      nSecond: b?.n ?? 0,
      distance: a === undefined || b === undefined ? null : distanceOf(a, b),
      nullsFirst: a === undefined ? null : nullShare(a),
      nullsSecond: b === undefined ? null : nullShare(b),
      lackedBy: a === undefined ? 'first' : b === undefined ? 'second' : null,
    };
  });
  return differences.sort((a, b) => (b.distance ?? -1) - (a.distance ?? -1));
}

function nullShare({ bins, counts, n }: FeatureReference): number {
  return counts[nullBin(bins)]! / n;
}

function distanceOf(a: FeatureReference, b: FeatureReference): number | null {
  if (a.windowMs !== b.windowMs) return null;
  if (a.bins.kind === 'categorical' && b.bins.kind === 'categorical') {
    const values = [...new Set([...a.bins.values, ...b.bins.values])];
    const gaps = values.map((value) => Math.abs(shareOf(a, value) - shareOf(b, value)));
    const nulls = Math.abs(nullShare(a) - nullShare(b));
    return (gaps.reduce((sum, gap) => sum + gap, 0) + nulls) / 2; // total variation
  }
  if (a.bins.kind !== 'numeric' || b.bins.kind !== 'numeric') return null;
  const edges = [...new Set([...a.bins.edges, ...b.bins.edges])];
  const gaps = edges.map((edge) => Math.abs(upTo(a, edge) - upTo(b, edge)));
  return Math.max(0, Math.abs(strange(a) - strange(b)), ...gaps);
}

function shareOf({ bins, counts, n }: FeatureReference, value: string): number {
  const at = bins.kind === 'categorical' ? bins.values.indexOf(value) : -1;
  return at < 0 ? 0 : counts[at]! / n;
}

/** Share of all that lies at or below the last own edge not above a value. */
function upTo({ bins, counts, n }: FeatureReference, value: number): number {
  const { edges } = bins as Extract<Bins, { readonly kind: 'numeric' }>; // the caller has looked
  let sum = 0;
  for (let i = 0; i < edges.length && edges[i]! <= value; i++) sum += counts[i]!;
  return sum / n;
}

/** Share of what is no number. */
function strange({ bins, counts, n }: FeatureReference): number {
  if (bins.kind !== 'numeric') return 0;
  return (counts[nullBin(bins)]! + counts[notFiniteBin(bins)]!) / n;
}
