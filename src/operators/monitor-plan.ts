import type { ViewDefinition } from '../features/view.js';
import type { ModelDefinition } from '../models/definition.js';
import { type Binning, binningOf, featuresOfGroup, labelsGroup } from '../monitors/binning.js';
import type { Closing } from '../monitors/closed-period.js';
import type { MonitorDefinition } from '../monitors/definition.js';
import { createLabelSampler, type LabelSampler } from '../monitors/label-sampler.js';
import { type MonitoredFeature, monitoredFeatures } from '../monitors/monitored-feature.js';
import type { Importance } from '../monitors/ranking.js';
import type { Reference } from '../monitors/reference.js';
import { createSampler, type Sampler } from '../monitors/sampler.js';
import { trainingTables } from './training-tables.js';
import { checkEventColumns, watchable, withoutTwins } from './watchable.js';

export interface PlanSources {
  readonly views: readonly ViewDefinition[];
  readonly model: ModelDefinition | null;
  readonly partitions: number;
  /** Database of the tables in ClickHouse. */
  readonly database?: string;
}

/** What a monitor watches, and the samplers that feed it: by group, within it by partition. */
export interface MonitorPlan {
  readonly definition: MonitorDefinition;
  readonly model: ModelDefinition | null;
  readonly features: readonly MonitoredFeature[];
  readonly groups: readonly string[];
  /** The group of each sampler. */
  readonly sources: readonly string[];
  readonly partitions: number;
  /** What stands in a score's `inputs`, in the order of what can be watched. */
  readonly scoreInputs: readonly string[];
}

/** @throws WeirError definition-invalid where it names a feature that is not there */
export function planMonitor(definition: MonitorDefinition, from: PlanSources): MonitorPlan {
  const { views, model, partitions, database = 'weir' } = from;
  checkEventColumns(definition, views);
  const named = withoutTwins(definition, views, model);
  const features = monitoredFeatures(named, watchable(views, model));
  // Labels are those of watched scores.
  const isLabelled = model?.label && features.some((feature) => feature.name === 'score');
  const sampled = [...new Set(features.map((feature) => feature.group))];
  const groups = isLabelled ? [...sampled, labelsGroup] : sampled;
  const sources = groups.flatMap((group) => Array.from({ length: partitions }, () => group));
  const scoreInputs = [...(model?.inputs ?? []), ...(model?.recorded ?? [])].map((i) => i.name);
  const horizonMs = isLabelled ? (model.label?.horizonMs ?? null) : null;
  const training = model === null ? null : trainingTables(model, database);
  return {
    definition: { ...definition, horizonMs, training },
    model,
    features,
    groups,
    sources,
    partitions,
    scoreInputs,
  };
}

/** Number of the sampler of a group and partition; negative where the group is not watched. */
export function sourceOf(plan: MonitorPlan, group: string, partition: number): number {
  const g = plan.groups.indexOf(group);
  return g < 0 ? -1 : g * plan.partitions + partition;
}

/** A sampler of a group that counts against the reference, or keeps values without one. */
export function samplerOf(plan: MonitorPlan, group: string, reference: Reference | null): Sampler {
  const { features, definition } = plan;
  const binning = binningOf(reference, features, group, definition);
  const { periodMs, business, expectations } = definition;
  return createSampler({ group, features, periodMs, binning, business, expectations });
}

/** The sampler of labelled scores. */
export function labelSamplerOf(plan: MonitorPlan, binning: Binning | null): LabelSampler {
  const { features, definition } = plan;
  const columns = featuresOfGroup(features, labelsGroup).map((feature) => feature.column);
  const { periodMs, horizonMs } = definition;
  return createLabelSampler({ columns, periodMs, horizonMs: horizonMs ?? 0, binning });
}

/** A plan with what its counts are held against. */
export interface Monitored {
  readonly plan: MonitorPlan;
  /** Null: entities are counted, but compared with nothing. */
  readonly reference: Reference | null;
  readonly modelVersion: string;
  /** How much features weigh in the score; left out where nothing is known of it. */
  readonly importance?: Importance | null;
}

/** What sampler number `source` of a monitor closed. */
export interface MonitorClosing {
  readonly monitor: string;
  readonly source: number;
  readonly closing: Closing;
}
