import type { Check } from './check.js';
import type { MonitorDefinition } from './definition.js';
import type { DriftAlert, Emission, ReferenceWindow } from './emission.js';
import type { PolicySettings } from './policy-settings.js';
import { type Signal, type SignalLevel, signalsOf, type Trigger } from './signal.js';
import { trainingRows } from './training-rows.js';

/** What a period said, as long as the rule "k of n periods" needs it. */
interface JudgedPeriod {
  readonly periodStartMs: number;
  readonly levels: Readonly<Record<string, SignalLevel>>;
  /** The checks that found drift. */
  readonly drifts: readonly Check[];
}

interface OpenEpisode {
  readonly id: string;
  readonly number: number;
  readonly openedMs: number;
  /** Names of the signals that must be low before it closes, in the order in which they joined. */
  readonly signals: readonly string[];
  /** Features that drifted in it, in the order in which they joined, strongest first. */
  readonly features: readonly string[];
}

/** Where the policy of one model stands; plain JSON. */
export interface PolicyState {
  readonly model: string;
  readonly modelVersion: string;
  /** Episodes of the model, over all its versions: a version that comes back repeats no id. */
  readonly episodes: number;
  readonly open: OpenEpisode | null;
  readonly recent: readonly JudgedPeriod[];
  /** No episode opens at or before this time; null where none has ended yet. */
  readonly coolingUntilMs: number | null;
  /** End of the last period judged; what ends at or before it is a repeat. */
  readonly judgedUpToMs: number | null;
  /** Periods that would have opened an episode but for the cool-down. */
  readonly suppressed: number;
}

/** What the policy decides on; schedules and label triggers join this union later. */
export type PolicyInput =
  | {
      readonly kind: 'checks';
      readonly periodStartMs: number;
      readonly periodEndMs: number;
      readonly checks: readonly Check[];
      readonly reference: ReferenceWindow | null;
      /** Longest window of a feature under watch, ms; 0 by default. */
      readonly longestWindowMs?: number;
    }
  | { readonly kind: 'model'; readonly version: string; readonly atMs: number };

export interface PolicyStep {
  readonly state: PolicyState;
  readonly emissions: readonly Emission[];
}

/** The state of a model that has not been judged yet. */
export function initialPolicy(model: string, modelVersion: string): PolicyState {
  return {
    model,
    modelVersion,
    episodes: 0,
    open: null,
    recent: [],
    coolingUntilMs: null,
    judgedUpToMs: null,
    suppressed: 0,
  };
}

/**
 * One step of the policy, a pure function. A signal opens an episode when it is high now and in k
 * of the last n periods; the episode closes when each of its signals is low now and in k of the
 * last n, and every window lies after its opening: until then windows hold what was before, go over
 * at the pace of their lengths, and what crosses late is the same drift. A period that was judged
 * before changes nothing.
 */
export function judge(
  definition: MonitorDefinition,
  state: PolicyState,
  input: PolicyInput,
): PolicyStep {
  if (input.kind === 'model') return replaceModel(definition, state, input.version, input.atMs);
  const { periodStartMs, periodEndMs, checks } = input;
  if (state.judgedUpToMs !== null && periodEndMs <= state.judgedUpToMs) {
    return { state, emissions: [] };
  }
  const { policy } = definition;
  const signals = signalsOf(checks, policy);
  const levels = Object.fromEntries(signals.map((signal) => [signal.name, signal.level]));
  const drifts = checks.filter((check) => check.verdict === 'drift');
  const oldestMs = periodStartMs - (policy.ofPeriods - 1) * (periodEndMs - periodStartMs);
  const recent = state.recent.filter((period) => period.periodStartMs >= oldestMs);
  const judged: PolicyState = {
    ...state,
    judgedUpToMs: periodEndMs,
    recent: [...recent, { periodStartMs, levels, drifts }],
  };
  const now: Now = { definition, input, signals };
  return judged.open === null ? enter(now, judged) : stay(now, judged, judged.open);
}

interface Now {
  readonly definition: MonitorDefinition;
  readonly input: Extract<PolicyInput, { readonly kind: 'checks' }>;
  readonly signals: readonly Signal[];
}

/** Whether the signal is at `level` now and in k of the last n periods. */
function holds(state: PolicyState, policy: PolicySettings, name: string, level: SignalLevel) {
  const levels = state.recent.map((period) => period.levels[name]);
  const count = levels.filter((one) => one === level).length;
  return levels.at(-1) === level && count >= policy.periods;
}

function enter(now: Now, state: PolicyState): PolicyStep {
  const { policy } = now.definition;
  const entering = now.signals
    .filter((signal) => holds(state, policy, signal.name, 'high'))
    .sort(strongestFirst);
  if (entering.length === 0) return { state, emissions: [] };
  const { periodEndMs } = now.input;
  if (state.coolingUntilMs !== null && periodEndMs <= state.coolingUntilMs) {
    return { state: { ...state, suppressed: state.suppressed + 1 }, emissions: [] };
  }
  const number = state.episodes + 1;
  const triggers = entering.flatMap((signal) => signal.trigger ?? []);
  const evidence = evidenceOf(state, triggers);
  const open: OpenEpisode = {
    id: `${state.model}/${state.modelVersion}/${number}`,
    number,
    openedMs: periodEndMs,
    signals: entering.map((signal) => signal.name),
    features: featuresOf(entering, evidence),
  };
  const common = { ...recordOf(now, state, open), evidence, triggers };
  const opened: Emission = {
    ...common,
    kind: 'alert',
    phase: 'opened',
    reason: 'drift',
    openedMs: periodEndMs,
    closedMs: null,
    features: open.features,
  };
  const retraining: Emission = {
    ...common,
    kind: 'retraining',
    strategy: 'sliding-window',
    trainingMonths: policy.trainingMonths,
    trainingRows: trainingRows(state.model, periodEndMs, policy.trainingMonths),
  };
  return { state: { ...state, episodes: number, open }, emissions: [opened, retraining] };
}

/** Features by the size of their effect, then what is about none. */
function strongestFirst(a: Signal, b: Signal): number {
  const strength = ({ trigger }: Signal) => (trigger?.kind === 'psi' ? trigger.value : 0);
  return strength(b) - strength(a);
}

function stay(now: Now, state: PolicyState, open: OpenEpisode): PolicyStep {
  const { policy } = now.definition;
  const joining = now.signals.filter(
    ({ name }) => !open.signals.includes(name) && holds(state, policy, name, 'high'),
  );
  const episode: OpenEpisode = {
    ...open,
    signals: [...open.signals, ...joining.map((signal) => signal.name)],
    features: [...new Set([...open.features, ...featuresOf(joining, [])])],
  };
  const { periodStartMs, periodEndMs, longestWindowMs = 0 } = now.input;
  const settled = periodStartMs - longestWindowMs >= open.openedMs;
  if (!settled || !episode.signals.every((name) => holds(state, policy, name, 'low'))) {
    return { state: { ...state, open: episode }, emissions: [] };
  }
  const coolDownMs = policy.coolDownPeriods * (periodEndMs - periodStartMs);
  const { features } = episode;
  const evidence = now.input.checks.filter((check) => features.includes(check.feature));
  const closed: DriftAlert = {
    ...recordOf(now, state, episode),
    kind: 'alert',
    phase: 'closed',
    reason: 'recovered',
    openedMs: episode.openedMs,
    closedMs: periodEndMs,
    features,
    triggers: [],
    evidence,
  };
  const coolingUntilMs = periodEndMs + coolDownMs;
  return { state: { ...state, open: null, recent: [], coolingUntilMs }, emissions: [closed] };
}

function recordOf(now: Now, state: PolicyState, episode: OpenEpisode) {
  return {
    episodeId: episode.id,
    episode: episode.number,
    monitor: now.definition.name,
    model: state.model,
    modelVersion: state.modelVersion,
    timeMs: now.input.periodEndMs,
    reference: now.input.reference,
  };
}

/** The checks of the recent periods that found the drift the triggers name, oldest first. */
function evidenceOf(state: PolicyState, triggers: readonly Trigger[]): readonly Check[] {
  const drifts = state.recent.flatMap((period) => period.drifts);
  if (triggers.some((trigger) => trigger.kind === 'feature-share')) return drifts;
  const features = triggers.flatMap((one) => (one.kind === 'psi' ? [one.feature] : []));
  return drifts.filter((check) => features.includes(check.feature));
}

/** The features that signals are about, then those of the evidence. */
function featuresOf(signals: readonly Signal[], evidence: readonly Check[]): readonly string[] {
  const named = signals.flatMap(({ trigger }) =>
    trigger?.kind === 'psi' ? [trigger.feature] : [],
  );
  return [...new Set([...named, ...evidence.map((check) => check.feature)])];
}

/** A new version starts anew: the old one's episode closes, and its history ends. */
function replaceModel(
  definition: MonitorDefinition,
  state: PolicyState,
  version: string,
  atMs: number,
): PolicyStep {
  if (version === state.modelVersion) return { state, emissions: [] };
  const { episodes, judgedUpToMs, suppressed } = state;
  const next = { ...initialPolicy(state.model, version), episodes, judgedUpToMs, suppressed };
  const { open } = state;
  if (open === null) return { state: next, emissions: [] };
  const closed: DriftAlert = {
    kind: 'alert',
    phase: 'closed',
    reason: 'model-replaced',
    episodeId: open.id,
    episode: open.number,
    monitor: definition.name,
    model: state.model,
    modelVersion: state.modelVersion,
    timeMs: atMs,
    openedMs: open.openedMs,
    closedMs: atMs,
    features: open.features,
    triggers: [],
    reference: null,
    evidence: [],
  };
  return { state: next, emissions: [closed] };
}
