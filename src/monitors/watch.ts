import { type Binning, binningOf, labelsGroup } from './binning.js';
import { captureReference } from './capture-reference.js';
import type { Check } from './check.js';
import type { Closing } from './closed-period.js';
import type { MonitorDefinition } from './definition.js';
import { type Emission, windowOf } from './emission.js';
import { checkErrors } from './error-check.js';
import { evaluatePeriod } from './evaluate.js';
import { changesOf } from './feature-change.js';
import {
  countedRows,
  createGathering,
  type GatheredPeriod,
  type Gathering,
  gather,
} from './gather.js';
import type { MonitoredFeature } from './monitored-feature.js';
import { isWhollyObserved } from './observed.js';
import { judge } from './policy.js';
import { initialPolicy, type PolicyState } from './policy-state.js';
import type { Importance } from './ranking.js';
import type { Reference } from './reference.js';
import { dueSwitch, type ReferenceSwitch, withSwitch } from './reference-switch.js';

export interface WatchOptions {
  readonly definition: MonitorDefinition;
  readonly features: readonly MonitoredFeature[];
  readonly modelVersion: string;
  readonly reference: Reference | null;
  /** The group of each sampler, by group, within a group in partition order. */
  readonly sources: readonly string[];
  /**
   * Without a reference: capture one from so many periods, the first in which every window is
   * wholly observed; null to wait for one.
   */
  readonly capturePeriods: number | null;
  /** How much features weigh in the score; null, and left out, where nothing is known of it. */
  readonly importance?: Importance | null;
}

/** The policy task of one model: it adds up what samplers close, tests, decides, emits. */
export interface Watch {
  readonly options: WatchOptions;
  readonly gathering: Gathering;
  reference: Reference | null;
  /** What takes its place, ascending. */
  switches: readonly ReferenceSwitch[];
  /** By group; empty without a reference. */
  binnings: ReadonlyMap<string, Binning>;
  /** Periods kept for a reference that is to be captured. */
  captured: GatheredPeriod[];
  policy: PolicyState;
}

/** What became known when a sampler closed periods. */
export interface Watched {
  readonly checks: readonly Check[];
  readonly emissions: readonly Emission[];
  /** The reference captured just now: hand `binningOf` it to the samplers with `useBinning`. */
  readonly captured: Reference | null;
}

/** A watch that has seen nothing. */
export function createWatch(options: WatchOptions): Watch {
  const { definition, modelVersion, reference, sources } = options;
  return {
    options,
    gathering: createGathering(sources, definition.periodMs),
    reference,
    switches: [],
    binnings: binningsOf(options, reference),
    captured: [],
    policy: initialPolicy(definition.model, modelVersion),
  };
}

/** Takes what source number `index` closed; a pure function of the order of such calls. */
export function watch(task: Watch, index: number, closing: Closing): Watched {
  const checks: Check[] = [];
  const emissions: Emission[] = [];
  let captured: Reference | null = null;
  const windowsMs = Object.fromEntries(
    task.options.features.map((one) => [one.name, one.windowMs]),
  );
  const longestWindowMs = Math.max(0, ...Object.values(windowsMs));
  for (const period of gather(task.gathering, index, closing, task.binnings)) {
    adopt(task, period.periodStartMs);
    if (task.reference === null && capture(task, period)) {
      captured = task.reference;
      continue; // the period is part of the reference
    }
    const { found, changes } = check(task, period);
    const { periodStartMs, periodEndMs } = period;
    const held = heldAgainst(task);
    const reference = held && windowOf(held);
    const step = judge(task.options.definition, task.policy, {
      kind: 'checks',
      periodStartMs,
      periodEndMs,
      checks: found,
      reference,
      longestWindowMs,
      windowsMs,
      changes,
      importance: task.options.importance ?? null,
      labelled: labelledIn(period),
    });
    task.policy = step.state;
    checks.push(...found);
    emissions.push(...step.emissions);
  }
  return { checks, emissions, captured };
}

/** All scores whose labels became known in the period. */
function labelledIn({ groups }: GatheredPeriod): number {
  return groups.find(({ group }) => group === labelsGroup)?.events[0] ?? 0;
}

/**
 * A new version of the model, with its own reference, from the next period on; an open episode
 * closes. Hand `binningOf` of the reference to the samplers too.
 */
export function replaceModel(
  task: Watch,
  version: string,
  reference: Reference | null,
  atMs: number,
): readonly Emission[] {
  const step = judge(task.options.definition, task.policy, { kind: 'model', version, atMs });
  task.policy = step.state;
  useReference(task, reference);
  return step.emissions;
}

/**
 * Another reference for the periods that start at `fromMs` or later, of which no sampler has opened
 * one; at once where there is none in use, or nothing was sampled yet. Hand the samplers their
 * `next` binnings too.
 */
export function switchReference(task: Watch, reference: Reference, fromMs: number): void {
  const last = task.switches.at(-1)?.reference ?? task.reference;
  if (last?.hash === reference.hash) return;
  if (task.reference === null) useReference(task, reference);
  else scheduleReference(task, reference, fromMs);
}

/** As `switchReference`, but never before its time: without a reference until then. */
export function scheduleReference(task: Watch, reference: Reference, fromMs: number): void {
  if (!Number.isFinite(fromMs)) {
    useReference(task, reference);
    return;
  }
  task.switches = withSwitch(task.switches, { fromMs, reference });
}

/** Takes up the reference that a period was counted against. */
function adopt(task: Watch, periodStartMs: number): void {
  const due = dueSwitch(task.switches, periodStartMs);
  if (due === null) return;
  useReference(task, due.reference);
  task.switches = due.later;
}

/** The reference of the model in use: what was counted against a former one's is not compared. */
function heldAgainst({ reference, switches, policy }: Watch): Reference | null {
  const known = [reference, ...switches.map((one) => one.reference)];
  return known.find((one) => one?.modelVersion === policy.modelVersion) ?? reference;
}

function useReference(task: Watch, reference: Reference | null): void {
  task.reference = reference;
  task.switches = [];
  task.binnings = binningsOf(task.options, reference);
  task.captured = [];
}

function binningsOf(options: WatchOptions, reference: Reference | null) {
  const binnings = new Map<string, Binning>();
  for (const group of options.sources) {
    const binning = binningOf(reference, options.features, group, options.definition);
    if (binning !== null) binnings.set(group, binning);
  }
  return binnings;
}

function check(task: Watch, period: GatheredPeriod) {
  const { definition, features } = task.options;
  const { modelVersion } = task.policy;
  const evaluation = { definition, features, reference: heldAgainst(task), modelVersion };
  // Periods that closed together with the last one of a capture were not counted by then.
  const groups = period.groups.map((group) => {
    const binning = task.binnings.get(group.group);
    if (group.rows === null || binning === undefined) return group;
    return countedRows(group, binning);
  });
  const counted = { ...period, groups };
  const errors = checkErrors(evaluation, task.policy.errors ?? null, counted);
  if (errors.stream !== null) task.policy = { ...task.policy, errors: errors.stream };
  const found = [...evaluatePeriod(evaluation, counted), ...errors.checks];
  return { found, changes: changesOf(evaluation, counted, found) };
}

/** Keeps the period for the reference if that is still to be captured; true if it was the last. */
function capture(task: Watch, period: GatheredPeriod): boolean {
  const { capturePeriods, features, definition } = task.options;
  if (capturePeriods === null) return false;
  const whole = features.every((feature) => {
    const group = period.groups.find((one) => one.group === feature.group);
    return group && isWhollyObserved(feature, period.periodStartMs, group.observedFromMs);
  });
  if (!whole) return false;
  task.captured.push(period);
  if (task.captured.length < capturePeriods) return false;
  const options = {
    modelVersion: task.policy.modelVersion,
    createdFrom: `${capturePeriods} periods of the running stream`,
  };
  useReference(task, captureReference(definition, features, task.captured, options));
  return true;
}
