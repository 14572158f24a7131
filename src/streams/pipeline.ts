import { WeirError } from '../errors.js';
import type { TopicDefinition } from '../features/source.js';
import { hashOf, type View, type ViewDefinition } from '../features/view.js';
import type { ModelDefinition } from '../models/definition.js';
import { countedBy, type MonitorDefinition } from '../monitors/definition.js';
import { type Stage, stagesOf, topicsOf } from '../operators/stage.js';

/** What one process computes: views over topics, models on their vectors, monitors over both. */
export interface Pipeline {
  readonly kind: 'pipeline';
  readonly name: string;
  readonly topics: readonly TopicDefinition[];
  readonly views: readonly ViewDefinition[];
  readonly models: readonly ModelDefinition[];
  readonly monitors: readonly MonitorDefinition[];
  readonly stages: readonly Stage[];
  /** Changes exactly when the state of an earlier definition no longer fits. */
  readonly hash: string;
}

export interface PipelineOptions {
  readonly name: string;
  readonly views: readonly View<unknown>[];
  readonly models?: readonly ModelDefinition[];
  readonly monitors?: readonly MonitorDefinition[];
}

/**
 * Declares a pipeline; a module's default export is one that `weir replay --pipeline FILE` runs.
 * @throws WeirError definition-invalid
 */
export function pipeline(options: PipelineOptions): Pipeline {
  const { name, models = [], monitors = [] } = options;
  const views = options.views.map((view) => view.definition);
  if (views.length === 0) {
    throw new WeirError('definition-invalid', `pipeline ${name}: expected at least one view`);
  }
  refuseTwins(name, 'views', views);
  refuseTwins(name, 'models', models);
  refuseTwins(name, 'monitors', monitors);
  const hash = hashOf({
    name,
    views: views.map((view) => view.shape.hash),
    models: models.map(({ name: own, hash: of, label }) => [own, of, ...(label ? [label] : [])]),
    monitors: monitors.map(countedBy),
  });
  const topics = topicsOf(views);
  return { kind: 'pipeline', name, topics, views, models, monitors, stages: stagesOf(views), hash };
}

/** What the state of its tasks belongs to; that of another definition is not gone on with. */
export function definitionOf({ hash }: Pipeline, partitions: number): string {
  return `${hash}/${partitions}`;
}

function refuseTwins(name: string, what: string, list: readonly { readonly name: string }[]): void {
  const twin = list.find((one, i) => list.findIndex((other) => other.name === one.name) !== i);
  if (twin === undefined) return;
  const message = `pipeline ${name}: two ${what} are named ${twin.name}; rename one`;
  throw new WeirError('definition-invalid', message);
}
