import { WeirError } from '../errors.js';
import { durationMs } from '../windows/window.js';
import { type PolicySettings, policySettings } from './policy-settings.js';
import { seasonsOf } from './season.js';

/**
 * What a feature declares itself to be: `stationary` is compared with the whole reference,
 * `seasonal` with the same weekday (or hour) of it, `off` not at all.
 */
export type FeatureKind = 'stationary' | 'seasonal' | 'off';

const kinds: readonly string[] = ['stationary', 'seasonal', 'off'] satisfies FeatureKind[];

export interface MonitorOptions {
  readonly name: string;
  /** Model whose episodes and retraining events these are; the monitor's own name by default. */
  readonly model?: string;
  /** Length of a period: each entity counts once in each; `24h` by default. */
  readonly period?: string;
  /**
   * By name: `view.feature`, the name of a model's input, or `score`. What is not named here is
   * what it is by default (see `defaultKind`).
   */
  readonly features?: Readonly<Record<string, FeatureKind>>;
  readonly policy?: Partial<PolicySettings>;
}

/** A monitor as data. */
export interface MonitorDefinition {
  readonly name: string;
  readonly model: string;
  readonly periodMs: number;
  readonly features: Readonly<Record<string, FeatureKind>>;
  readonly policy: PolicySettings;
}

/**
 * Declares a monitor.
 * @throws WeirError definition-invalid
 */
export function monitor(options: MonitorOptions): MonitorDefinition {
  const { name, model = name, period = '24h', features = {}, policy = {} } = options;
  if (name === '') refuse('name', 'a name', "''");
  const periodMs = durationMs(period);
  if (periodMs === undefined) refuse('period', "a length such as '1h' or '24h'", `'${period}'`);
  for (const [feature, kind] of Object.entries(features)) {
    if (!kinds.includes(kind)) refuse(`features.${feature}`, kinds.join(', '), `'${kind}'`);
    if (kind === 'seasonal' && seasonsOf(periodMs) === null) {
      const found = `seasonal with a period of '${period}'`;
      refuse(`features.${feature}`, 'a period of 24h, or one that divides 24h', found);
    }
  }
  return { name, model, periodMs, features: { ...features }, policy: policySettings(policy) };
}

function refuse(what: string, expected: string, found: string): never {
  throw new WeirError(
    'definition-invalid',
    `monitor ${what}: expected ${expected}; found ${found}`,
  );
}
