import type { Check } from './check.js';
import type { PolicySettings } from './policy-settings.js';
import { checkTrigger, inSegment, nameOf, type Trigger, thingOf } from './trigger.js';

/** `high` calls for an episode, `low` for its end; `between` and `unknown` for neither. */
export type SignalLevel = 'high' | 'between' | 'low' | 'unknown';

/** What one period says about one thing that can open an episode. */
export interface Signal {
  /** Its name from period to period: subject, feature and segment. */
  readonly name: string;
  /** The feature with its segment; empty where it is about none. */
  readonly feature: string;
  readonly kind: 'drift' | 'notice';
  /** Whether it is the distribution of a feature or the score, of all data. */
  readonly isWhole: boolean;
  /** Whether it calls for retraining. */
  readonly retrains: boolean;
  readonly level: SignalLevel;
  /** Effect over threshold; null where the level is unknown. */
  readonly strength: number | null;
  /** Null where the level is unknown. */
  readonly trigger: Trigger | null;
}

const shareName = 'feature-share';

/**
 * The signals of one period's checks: one for each subject, feature and segment, then the share of
 * features that drift. What is muted is not among them.
 */
export function signalsOf(
  checks: readonly Check[],
  policy: PolicySettings,
  isMuted: (feature: string) => boolean = () => false,
): readonly Signal[] {
  const groups = new Map<string, Check[]>();
  for (const check of checks) {
    if (isMuted(thingOf(check))) continue;
    const name = signalName(check);
    const own = groups.get(name);
    if (own === undefined) groups.set(name, [check]);
    else own.push(check);
  }
  const signals = [...groups].map(([name, own]) => signalOf(name, own, policy));
  return [...signals, shareSignal(checks, groups, policy)];
}

/** Name of the signal that a check speaks to. */
export function signalName({ subject, feature, segment }: Check): string {
  return `${subject}:${inSegment(feature, segment)}`;
}

function signalOf(name: string, own: readonly Check[], policy: PolicySettings): Signal {
  const [first] = own;
  const { subject, segment } = first!; // a group has at least one
  const retrains = policy.retrainOn.includes(subject);
  const isNotice = !retrains && (subject === 'quality' || subject === 'business');
  const about = {
    name,
    feature: nameOf(first!),
    kind: isNotice ? 'notice' : 'drift',
    isWhole: isShape(subject) && segment === '',
    // A part of the data that drifts alone is told of; the model is trained for all of it.
    retrains: retrains && segment === '',
  } as const;
  const known = own.filter((check) => check.effect !== null);
  const drifts = known.filter((check) => check.verdict === 'drift');
  const strongest = (drifts.length > 0 ? drifts : known).reduce<Check | null>(
    (most, check) => (most === null || strengthOf(check) > strengthOf(most) ? check : most),
    null,
  );
  if (strongest === null) return { ...about, level: 'unknown', strength: null, trigger: null };
  const isLow = known.every((check) =>
    check.leave === null ? check.verdict === 'ok' : check.effect! < check.leave,
  );
  const level = drifts.length > 0 ? 'high' : isLow ? 'low' : 'between';
  const strength = strengthOf(strongest);
  return { ...about, level, strength, trigger: checkTrigger(strongest) };
}

/** An expectation may have a threshold of 0: its effect then counts as it is. */
function strengthOf({ effect, threshold }: Check): number {
  return threshold > 0 ? (effect ?? 0) / threshold : 1 + (effect ?? 0);
}

/** Low is at most half the threshold: the lower level of the hysteresis. */
function shareSignal(
  checks: readonly Check[],
  groups: ReadonlyMap<string, readonly Check[]>,
  policy: PolicySettings,
): Signal {
  const about = {
    name: shareName,
    feature: '',
    kind: 'drift',
    isWhole: false,
    retrains: policy.retrainOn.includes('feature'),
  } as const;
  const whole = new Set(
    checks
      .filter(({ subject, segment }) => segment === '' && isShape(subject))
      .map((check) => signalName(check)),
  );
  const known = [...groups]
    .filter(([name]) => whole.has(name))
    .map(([, own]) => own)
    .filter((own) => own.some((check) => check.effect !== null));
  if (known.length === 0) return { ...about, level: 'unknown', strength: null, trigger: null };
  const drifting = known.filter((own) => own.some((check) => check.verdict === 'drift'));
  const value = drifting.length / known.length;
  const threshold = policy.featureShare;
  const level = value > threshold ? 'high' : value <= threshold / 2 ? 'low' : 'between';
  const trigger: Trigger = { kind: 'feature-share', value, threshold };
  return { ...about, level, strength: value / threshold, trigger };
}

function isShape(subject: Check['subject']): boolean {
  return subject === 'feature' || subject === 'score';
}

/** Share of the tested features that drift; 0 where none was tested. */
export function driftingShare(signals: readonly Signal[]): number {
  const trigger = signals.find(({ name }) => name === shareName)?.trigger;
  return trigger?.kind === 'feature-share' ? trigger.value : 0;
}

/** Share of the tested features that drift and are among `names`; 0 where none was tested. */
export function shareAmong(signals: readonly Signal[], names: readonly string[]): number {
  const tested = signals.filter(({ isWhole, level }) => isWhole && level !== 'unknown');
  const own = tested.filter(({ name, level }) => level === 'high' && names.includes(name));
  return tested.length === 0 ? 0 : own.length / tested.length;
}

/** Strongest first; what is about no feature last. */
export function byStrength(a: Signal, b: Signal): number {
  const of = ({ feature, strength }: Signal) => (feature === '' ? -1 : (strength ?? 0));
  return of(b) - of(a);
}
