import { WeirError } from '../errors.js';
import type { FeatureShape } from '../features/shape.js';
import type { FeatureKind, MonitorDefinition } from './definition.js';

/** A feature that could be monitored, as the pipeline knows it. */
export interface AvailableFeature {
  /** `view.feature`, the name of a model's input, or `score`. */
  readonly name: string;
  /** What is sampled together, once per entity and period: a view's name, or `scores`. */
  readonly group: string;
  /** Index into the values given to the group's sampler. */
  readonly column: number;
  readonly type: FeatureShape['type'];
  /**
   * How far back the value can look, ms (a sliding window's length and one pane); 0 for what is
   * known at once, null for lifetime. A score looks as far back as its inputs.
   */
  readonly windowMs: number | null;
  /** A part of the calendar, or counted from it: drifts by construction. */
  readonly calendar?: boolean;
}

/** A feature under watch. */
export interface MonitoredFeature {
  readonly name: string;
  readonly group: string;
  readonly column: number;
  /** Place among the monitored features of its group. */
  readonly row: number;
  /** `carried` is sampled for expectations and segments alone, and not tested. */
  readonly kind: 'stationary' | 'seasonal' | 'carried';
  readonly values: 'numeric' | 'categorical';
  readonly windowMs: number;
}

/**
 * What a feature is unless the monitor says otherwise: lifetime values, times and parts of the
 * calendar drift by construction and are off, lists have no test yet, the rest is stationary.
 */
export function defaultKind(feature: AvailableFeature): FeatureKind {
  if (feature.windowMs === null || feature.calendar === true) return 'off';
  return valuesOf(feature.type) === null ? 'off' : 'stationary';
}

function valuesOf(type: FeatureShape['type']): MonitoredFeature['values'] | null {
  if (type === 'number' || type === 'integer') return 'numeric';
  return type === 'text' ? 'categorical' : null;
}

/**
 * The features a monitor watches, in the order they are available.
 * @throws WeirError definition-invalid where it names one that does not exist or has no test
 */
export function monitoredFeatures(
  definition: MonitorDefinition,
  available: readonly AvailableFeature[],
): readonly MonitoredFeature[] {
  const names = new Set(available.map((feature) => feature.name));
  for (const name of Object.keys(definition.features)) {
    if (!names.has(name)) {
      const known = [...names].join(', ');
      refuse(`monitor ${definition.name}: expected one of ${known}; found ${name}`);
    }
  }
  const carried = carriedNames(definition);
  for (const name of carried) {
    if (names.has(name)) continue;
    const known = [...names].join(', ');
    refuse(`monitor ${definition.name}: expected one of ${known}; found ${name}`);
  }
  const rows = new Map<string, number>();
  return available.flatMap((feature) => {
    const declared = definition.features[feature.name] ?? defaultKind(feature);
    const kind = declared === 'off' && carried.has(feature.name) ? 'carried' : declared;
    if (kind === 'off') return [];
    const values = kind === 'carried' ? carriedValues(feature.type) : valuesOf(feature.type);
    if (values === null) {
      refuse(
        `monitor ${definition.name}: expected a number, integer or text; found ${feature.name} of type ${feature.type}; declare it 'off'`,
      );
    }
    const { name, group, column, windowMs } = feature;
    const row = rows.get(group) ?? 0;
    rows.set(group, row + 1);
    const reachMs = kind === 'carried' ? 0 : (windowMs ?? 0);
    return [{ name, group, column, row, kind, values, windowMs: reachMs }];
  });
}

/** What expectations and segments name. */
function carriedNames({ segments, expectations }: MonitorDefinition): ReadonlySet<string> {
  const expected = expectations.flatMap((one) => ('feature' in one ? [one.feature] : []));
  return new Set([...segments, ...expected]);
}

function carriedValues(type: FeatureShape['type']): MonitoredFeature['values'] | null {
  return type === 'time' ? 'numeric' : valuesOf(type);
}

function refuse(message: string): never {
  throw new WeirError('definition-invalid', message);
}
