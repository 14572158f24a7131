import type { Check, CheckSubject } from './check.js';

/** Why an episode was opened or retraining is due. */
export type Trigger =
  /** The bias-corrected PSI of a feature or the score is above its threshold, and significant. */
  | {
      readonly kind: 'psi';
      readonly feature: string;
      readonly segment: string;
      readonly value: number;
      readonly threshold: number;
    }
  /** Another check found drift; `value` is its effect. */
  | {
      readonly kind: 'check';
      readonly subject: CheckSubject;
      readonly test: Check['test'];
      readonly feature: string;
      readonly segment: string;
      readonly value: number;
      readonly threshold: number;
    }
  /** The share of the tested features that drift is above its threshold. */
  | { readonly kind: 'feature-share'; readonly value: number; readonly threshold: number }
  /** So many labelled samples came since the last retraining event. */
  | { readonly kind: 'labels'; readonly value: number; readonly threshold: number }
  /** The schedule came to a time. */
  | { readonly kind: 'schedule'; readonly schedule: string; readonly atMs: number };

/** The trigger of a check that found something. */
export function checkTrigger(check: Check): Trigger {
  const { subject, test, feature, segment, threshold } = check;
  const value = check.effect ?? 0;
  const isShape = subject === 'feature' || subject === 'score';
  // The effect of every test of a distribution is its corrected PSI.
  return isShape && test !== 'prediction-shift'
    ? { kind: 'psi', feature, segment, value, threshold }
    : { kind: 'check', subject, test, feature, segment, value, threshold };
}

/** What a trigger names: the feature, with its segment; null where it names none. */
export function namedBy(trigger: Trigger): string | null {
  if (trigger.kind !== 'psi' && trigger.kind !== 'check') return null;
  return nameOf(trigger);
}

interface About {
  /** Left out of a feature or the score. */
  readonly subject?: CheckSubject;
  readonly feature: string;
  readonly segment: string;
}

/** What a check is about as people are told: a feature, or one in a segment: `price [os=x]`. */
export function nameOf(about: About): string {
  return inSegment(thingOf(about), about.segment);
}

/** The same of all segments; a group's features as one vector are `place (joint distribution)`. */
export function thingOf({ subject, feature }: Omit<About, 'segment'>): string {
  return subject === 'covariates' ? `${feature} (joint distribution)` : feature;
}

export function inSegment(thing: string, segment: string): string {
  return segment === '' ? thing : `${thing} [${segment}]`;
}

/** The reason in words. */
export function reasonOf(trigger: Trigger): string {
  switch (trigger.kind) {
    case 'psi': {
      const { value, threshold } = trigger;
      return `corrected PSI of ${namedBy(trigger)} is ${value.toFixed(3)}, above ${threshold}`;
    }
    case 'check': {
      const { subject, test, value, threshold } = trigger;
      const what = `${subject} (${test}) of ${namedBy(trigger)}`;
      return `${what}: effect ${Number(value.toPrecision(3))}, above ${threshold}`;
    }
    case 'feature-share': {
      const { value, threshold } = trigger;
      return `${(100 * value).toFixed(0)} % of the features drift, above ${100 * threshold} %`;
    }
    case 'labels':
      return `${trigger.value} new labelled samples, at least ${trigger.threshold}`;
    case 'schedule':
      return `the schedule ${trigger.schedule} came to ${new Date(trigger.atMs).toISOString()}`;
    default:
      return trigger satisfies never;
  }
}
