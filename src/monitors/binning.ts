import type { Bins } from '../stats/bins.js';
import type { MonitoredFeature } from './monitored-feature.js';
import { featureReference, type Reference } from './reference.js';

/** The frozen bins of a group's features, in their order, and the reference they come from. */
export interface Binning {
  readonly referenceId: string;
  readonly bins: readonly Bins[];
}

/** Of a feature that the reference does not know: its values are counted, not told apart. */
const noBins: Bins = { kind: 'categorical', values: [] };

/** The bins of one group, or null without a reference. */
export function binningOf(
  reference: Reference | null,
  features: readonly MonitoredFeature[],
  group: string,
): Binning | null {
  if (reference === null) return null;
  const own = features.filter((feature) => feature.group === group);
  const bins = own.map((feature) => featureReference(reference, feature)?.bins ?? noBins);
  return { referenceId: reference.id, bins };
}
