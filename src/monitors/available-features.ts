import type { Node } from '../features/expression.js';
import type { Feature, ViewDefinition } from '../features/view.js';
import type { AvailableFeature } from './monitored-feature.js';

/** How a value depends on time. */
export interface Reach {
  /** How far back it can look, ms; 0 for what is known at once, null for lifetime. */
  readonly windowMs: number | null;
  /** It is a part of the calendar, or computed from a time. */
  readonly calendar: boolean;
}

const nothing: Reach = { windowMs: 0, calendar: false };

function widest(reaches: readonly Reach[]): Reach {
  return reaches.reduce((wide, one) => {
    const lifetime = wide.windowMs === null || one.windowMs === null;
    return {
      windowMs: lifetime ? null : Math.max(wide.windowMs!, one.windowMs!),
      calendar: wide.calendar || one.calendar,
    };
  }, nothing);
}

/** How far an expression looks back; `reachOfFeature` knows the features it is made of. */
export function reachOfNode(
  node: Node,
  reachOfFeature: (view: string | null, name: string) => Reach,
): Reach {
  switch (node.op) {
    case 'const':
    case 'column':
      return nothing;
    case 'time':
      return { windowMs: 0, calendar: true };
    case 'feature':
      return reachOfFeature(node.view, node.name);
    case 'call':
      return widest(node.args.map((arg) => reachOfNode(arg, reachOfFeature)));
    default:
      return node satisfies never;
  }
}

/** How far each feature of a view looks back, internal ones included, by name. */
export function reachesOf(view: ViewDefinition): ReadonlyMap<string, Reach> {
  const reaches = new Map<string, Reach>();
  const reachOf = (feature: Feature): Reach => {
    const known = reaches.get(feature.name);
    if (known !== undefined) return known;
    const reach = feature.kind === 'derived' ? derived(feature.node) : aggregate(feature);
    reaches.set(feature.name, reach);
    return reach;
  };
  const derived = (node: Node): Reach =>
    reachOfNode(node, (_, name) => {
      const feature = view.features.find((one) => one.name === name);
      return feature === undefined ? nothing : reachOf(feature);
    });
  for (const feature of view.features) reachOf(feature);
  return reaches;
}

/** A window reaches back by its length and at most one pane. */
function aggregate(feature: Extract<Feature, { readonly kind: 'aggregate' }>): Reach {
  if (feature.fn === 'own') return nothing;
  const { window } = feature;
  return { windowMs: window === null ? null : window.lengthMs + window.paneMs, calendar: false };
}

/** What a monitor can watch of a view: group is the view, columns are those of its vectors. */
export function availableFeatures(view: ViewDefinition): readonly AvailableFeature[] {
  const reaches = reachesOf(view);
  return view.shape.features.map(({ name, type }, column) => ({
    name: `${view.name}.${name}`,
    group: view.name,
    column,
    type,
    ...reaches.get(name)!,
  }));
}
