import { WeirError } from '../errors.js';
import { durationMs } from '../windows/window.js';
import type { BusinessFigure } from './business.js';
import { checkExpectations, type Expectation } from './expectation.js';
import { defaultPerformance, type PerformanceSettings } from './performance.js';
import { type PolicySettings, policySettings } from './policy-settings.js';
import { seasonsOf } from './season.js';
import type { TallyRules } from './tally-rules.js';
import type { TrainingTables } from './training-rows.js';

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
  /** Texts by whose values everything is looked at once more: `device`, `place.category`. */
  readonly segments?: readonly string[];
  /** The most frequent values of the reference that are a segment of their own; 12 by default. */
  readonly segmentsMax?: number;
  /** What is expected of the data itself. */
  readonly expectations?: readonly Expectation[];
  /** How scores are held against the labels of a model that declares one. */
  readonly performance?: Partial<PerformanceSettings>;
  /** What the users do with the answers. */
  readonly business?: readonly BusinessFigure[];
  readonly policy?: Partial<PolicySettings>;
}

/** A monitor as data. */
export interface MonitorDefinition extends TallyRules {
  readonly name: string;
  readonly model: string;
  readonly periodMs: number;
  /** How long the labels of its model take; null where it has none. */
  readonly horizonMs: number | null;
  /** Where rows to train its model on lie; null where the pipeline does not have the model. */
  readonly training: TrainingTables | null;
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
  const { segments = [], segmentsMax = 12, expectations = [], business = [] } = options;
  checkExpectations(name, expectations);
  const twin = business.find((one, i) => business.findIndex(({ test }) => test === one.test) < i);
  if (twin !== undefined) refuse('business', 'each figure once', `two of ${twin.test}`);
  if (!(Number.isSafeInteger(segmentsMax) && segmentsMax >= 1 && segmentsMax <= 100)) {
    refuse('segmentsMax', 'a whole number from 1 to 100', `${segmentsMax}`);
  }
  return {
    name,
    model,
    periodMs,
    horizonMs: null,
    training: null,
    features: { ...features },
    segments,
    segmentsMax,
    expectations,
    performance: { ...defaultPerformance, ...options.performance },
    business,
    policy: policySettings(policy),
  };
}

/**
 * What of a monitor its state depends on: not how a period is judged, which may change from one
 * start to the next, nor what follows from the model.
 */
export function countedBy({ policy, training, performance, ...counted }: MonitorDefinition) {
  return { ...counted, decision: performance.decision };
}

function refuse(what: string, expected: string, found: string): never {
  throw new WeirError(
    'definition-invalid',
    `monitor ${what}: expected ${expected}; found ${found}`,
  );
}
