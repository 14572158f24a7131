import { labelsGroup } from './binning.js';
import { covariateFeatures } from './covariates.js';
import type { MonitorDefinition } from './definition.js';
import type { MonitoredFeature } from './monitored-feature.js';
import { thingOf } from './trigger.js';

/** What a monitor watches. */
export interface Watched {
  readonly definition: MonitorDefinition;
  readonly features: readonly MonitoredFeature[];
  /** Groups that are sampled. */
  readonly groups: readonly string[];
}

/** Names that a mute can be of: all that checks of the monitor are about, without segments. */
export function mutableFeatures({ definition, features, groups }: Watched): readonly string[] {
  const tested = features.filter(({ kind }) => kind !== 'carried').map(({ name }) => name);
  const vectors = groups
    .filter((group) => covariateFeatures(features, group).length > 1)
    .map((feature) => thingOf({ subject: 'covariates', feature }));
  const floor = definition.performance.accuracyFloor === null ? [] : ['accuracy-floor'];
  const labelled = groups.includes(labelsGroup) ? ['label', 'performance', 'errors', ...floor] : [];
  const business = definition.business.flatMap(({ test, least }) =>
    least === undefined ? [test] : [test, `${test}-floor`],
  );
  const expected = definition.expectations.map((one) =>
    'feature' in one ? one.feature : one.group,
  );
  return [...new Set([...tested, ...vectors, ...labelled, ...business, ...expected])];
}
