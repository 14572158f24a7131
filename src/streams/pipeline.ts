import { WeirError } from '../errors.js';
import type { TopicDefinition } from '../features/source.js';
import { hashOf, type View, type ViewDefinition } from '../features/view.js';
import { type Stage, stagesOf, topicsOf } from '../operators/stage.js';

/** What one process computes: views over topics. */
export interface Pipeline {
  readonly kind: 'pipeline';
  readonly name: string;
  readonly topics: readonly TopicDefinition[];
  readonly views: readonly ViewDefinition[];
  readonly stages: readonly Stage[];
  /** Changes exactly when state or logs of an earlier definition no longer fit. */
  readonly hash: string;
}

export interface PipelineOptions {
  readonly name: string;
  readonly views: readonly View<unknown>[];
}

/**
 * Declares a pipeline; a module's default export is one that `weir replay --pipeline FILE` runs.
 * @throws WeirError definition-invalid
 */
export function pipeline(options: PipelineOptions): Pipeline {
  const { name } = options;
  const views = options.views.map((view) => view.definition);
  if (views.length === 0) {
    throw new WeirError('definition-invalid', `pipeline ${name}: expected at least one view`);
  }
  const twin = views.find((view, i) => views.findIndex((other) => other.name === view.name) !== i);
  if (twin !== undefined) {
    throw new WeirError(
      'definition-invalid',
      `pipeline ${name}: two views are named ${twin.name}; rename one`,
    );
  }
  const hash = hashOf({ name, views: views.map((view) => view.shape.hash) });
  return { kind: 'pipeline', name, topics: topicsOf(views), views, stages: stagesOf(views), hash };
}
