import { WeirError } from '../errors.js';
import { columnOf } from '../features/column-of.js';
import type { Node } from '../features/expression.js';
import { functions } from '../features/functions.js';
import type { FeatureType } from '../features/shape.js';
import type { ViewDefinition } from '../features/view.js';
import type { ModelDefinition } from '../models/definition.js';
import { availableFeatures, reachesOf, reachOfNode } from '../monitors/available-features.js';
import { scoresGroup } from '../monitors/binning.js';
import type { MonitorDefinition } from '../monitors/definition.js';
import { isOfEvents } from '../monitors/expectation.js';
import type { AvailableFeature } from '../monitors/monitored-feature.js';

/**
 * What can be watched of a pipeline: the views' features, then a model's score and what stands by
 * it.
 */
export function watchable(
  views: readonly ViewDefinition[],
  model: ModelDefinition | null,
): AvailableFeature[] {
  const features = views.flatMap((view) => availableFeatures(view));
  return model === null ? features : [...features, ...scoreFeatures(views, model)];
}

/**
 * What is expected of all events is expected of a view's, and of columns that they have.
 * @throws WeirError definition-invalid
 */
export function checkEventColumns(
  { name, expectations }: MonitorDefinition,
  views: readonly ViewDefinition[],
): void {
  for (const one of expectations) {
    if (!isOfEvents(one)) continue;
    const known = Object.keys(views.find((view) => view.name === one.group)?.source.fields ?? {});
    const names = views.map((view) => view.name);
    const lacking = one.columns?.find((column) => !known.includes(column));
    if (known.length > 0 && lacking === undefined) continue;
    const [expected, found] = known.length === 0 ? [names, one.group] : [known, lacking];
    throw new WeirError(
      'definition-invalid',
      `monitor ${name}, ${one.test} of ${one.group}: expected one of ${expected.join(', ')}; found ${found}`,
    );
  }
}

/**
 * The monitor's definition with the inputs off that are nothing but a view's feature, unless it
 * names them: such a feature is watched in its view, once per entity of that view. Users who meet
 * the same popular place on one day would be near copies of one value.
 */
export function withoutTwins(
  definition: MonitorDefinition,
  views: readonly ViewDefinition[],
  model: ModelDefinition | null,
): MonitorDefinition {
  const watched = new Set(views.flatMap(availableFeatures).map((feature) => feature.name));
  const twins = (model?.inputs ?? []).filter(
    ({ node }) => node.op === 'feature' && watched.has(`${node.view}.${node.name}`),
  );
  const off = Object.fromEntries(twins.map(({ name }) => [name, 'off' as const]));
  return { ...definition, features: { ...off, ...definition.features } };
}

/** Columns: the score, the inputs, what is recorded beside them. */
function scoreFeatures(
  views: readonly ViewDefinition[],
  model: ModelDefinition,
): readonly AvailableFeature[] {
  const reaches = new Map(views.map((view) => [view.name, reachesOf(view)]));
  const reachOf = (view: string | null, name: string) =>
    reaches.get(view ?? '')?.get(name) ?? { windowMs: 0, calendar: false };
  const given = [...model.inputs, ...model.recorded].map(({ name, node }, i): AvailableFeature => {
    const type = i < model.inputs.length ? 'number' : typeOf(node, model, views);
    return { name, group: scoresGroup, column: i + 1, type, ...reachOfNode(node, reachOf) };
  });
  const inputs = given.slice(0, model.inputs.length);
  const windowMs = Math.max(0, ...inputs.map((input) => input.windowMs ?? 0));
  const score = { name: 'score', group: scoresGroup, column: 0, type: 'number', windowMs } as const;
  return [score, ...given];
}

function typeOf(node: Node, model: ModelDefinition, views: readonly ViewDefinition[]): FeatureType {
  switch (node.op) {
    case 'const':
      return typeof node.value === 'number' ? 'number' : 'text';
    case 'time':
      return 'time';
    case 'column': {
      const kind = columnOf(model.events, model.first.joins, node.name)?.field.kind;
      return kind === 'number' ? 'number' : kind === 'texts' ? 'counts' : 'text';
    }
    case 'feature': {
      const { features } = views.find((view) => view.name === node.view)?.shape ?? { features: [] };
      return features.find((feature) => feature.name === node.name)?.type ?? 'number';
    }
    case 'call':
      return functions[node.fn].returns === 'text' ? 'text' : 'number';
    default:
      return node satisfies never;
  }
}
