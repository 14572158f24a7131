import { binningOf } from '../../src/monitors/binning.js';
import { captureReference } from '../../src/monitors/capture-reference.js';
import type { Check } from '../../src/monitors/check.js';
import { type MonitorDefinition, monitor } from '../../src/monitors/definition.js';
import type { Emission } from '../../src/monitors/emission.js';
import { evaluatePeriod } from '../../src/monitors/evaluate.js';
import { createGathering, type GatheredPeriod, gather } from '../../src/monitors/gather.js';
import type { MonitoredFeature } from '../../src/monitors/monitored-feature.js';
import { judge } from '../../src/monitors/policy.js';
import type { PolicySettings } from '../../src/monitors/policy-settings.js';
import { initialPolicy, type PolicyState } from '../../src/monitors/policy-state.js';
import type { Reference } from '../../src/monitors/reference.js';
import { advance, createSampler, observe } from '../../src/monitors/sampler.js';

export const dayMs = 86_400_000;
export const startMs = Date.UTC(2024, 0, 1);

/** mulberry32: a seeded generator of numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function normalOf(random: () => number): () => number {
  let spare: number | null = null;
  return () => {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    const r = Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    spare = r * Math.sin(angle);
    return r * Math.cos(angle);
  };
}

export function simulatedFeatures(count: number): readonly MonitoredFeature[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `user.f${i}`,
    group: 'user',
    column: i,
    row: i,
    kind: 'stationary',
    values: 'numeric',
    windowMs: 0,
  }));
}

export interface World {
  readonly seed: number;
  readonly features: number;
  readonly entities: number;
  /** Share of a feature's variance that belongs to the entity and stays from day to day. */
  readonly loyalty: number;
  /** Added to feature 0, in its standard deviations, on a day. */
  readonly shift?: (day: number) => number;
  readonly policy?: Partial<PolicySettings>;
}

export interface Run {
  readonly definition: MonitorDefinition;
  readonly reference: Reference;
  readonly checks: readonly Check[];
  readonly emissions: readonly Emission[];
  readonly state: PolicyState;
}

/**
 * Days of a world: a third of the features are continuous, a third counts, a third mostly null.
 * Each entity comes on four days of five, with several vectors a day that are copies but for the
 * day.
 */
export function createDays(world: World): (day: number) => readonly (readonly (number | null)[])[] {
  const random = seeded(world.seed);
  const normal = normalOf(random);
  const own = Array.from({ length: world.entities * world.features }, normal);
  const keep = Math.sqrt(world.loyalty);
  const fresh = Math.sqrt(1 - world.loyalty);
  return (day) => {
    const shift = world.shift?.(day) ?? 0;
    return Array.from({ length: world.entities }, (_, entity) => {
      if (random() > 0.8) return [];
      return Array.from({ length: world.features }, (_, f) => {
        const z = keep * own[entity * world.features + f]! + fresh * normal();
        const x = f === 0 ? z + shift : z;
        if (f % 3 === 0) return x;
        if (f % 3 === 1) return Math.floor(Math.exp(x));
        return x > 0.5 ? x : null;
      });
    });
  };
}

/** Samples a reference over `referenceDays`, then watches `days`. */
export function simulate(world: World, referenceDays: number, days: number): Run {
  const policy = { schedule: 'off', ...world.policy };
  const definition = monitor({ name: 'sim', model: 'ranker', policy });
  const features = simulatedFeatures(world.features);
  const nextDay = createDays(world);
  const sampled = (day: number, reference: Reference | null): readonly GatheredPeriod[] => {
    const binning = binningOf(reference, features, 'user', definition);
    const sampler = createSampler({ group: 'user', features, periodMs: dayMs, binning });
    const at = startMs + day * dayMs;
    // The stream began a day before, so the first day is wholly observed.
    observe(sampler, 'first', startMs - dayMs, []);
    advance(sampler, startMs);
    nextDay(day).forEach((values, entity) => {
      if (values.length > 0) observe(sampler, entity, at + entity, values);
    });
    const gathering = createGathering(['user'], dayMs);
    return gather(gathering, 0, advance(sampler, at + dayMs), new Map());
  };
  const captured = Array.from({ length: referenceDays }, (_, day) => sampled(day, null)).flat();
  const reference = captureReference(definition, features, captured, {
    modelVersion: '1',
    createdFrom: `seed ${world.seed}`,
  });
  const checks: Check[] = [];
  const emissions: Emission[] = [];
  let state = initialPolicy('ranker', '1');
  for (let day = referenceDays; day < referenceDays + days; day++) {
    for (const period of sampled(day, reference)) {
      const evaluation = { definition, modelVersion: '1', features, reference };
      const found = evaluatePeriod(evaluation, period);
      checks.push(...found);
      const { periodStartMs, periodEndMs } = period;
      const input = {
        kind: 'checks',
        periodStartMs,
        periodEndMs,
        checks: found,
        reference,
      } as const;
      const step = judge(definition, state, input);
      state = step.state;
      emissions.push(...step.emissions);
    }
  }
  return { definition, reference, checks, emissions, state };
}
