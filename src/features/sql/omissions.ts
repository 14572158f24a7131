import type { Node } from '../expression.js';
import type { Feature, ViewDefinition } from '../view.js';
import { operandsOf } from './event-sql.js';
import { fieldOf } from './value-kind.js';

/** A feature that SQL does not recompute, and why. */
export interface Omission {
  readonly feature: string;
  readonly why: string;
}

/**
 * The features of a view, internal ones included, that SQL over the event tables cannot recompute.
 */
export function omissions(view: ViewDefinition): Omission[] {
  const own = view.features.map((feature) => ({ feature, why: whyNot(view, feature) }));
  const omitted = own.flatMap(({ feature, why }) =>
    why === null ? [] : [{ feature: feature.name, why }],
  );
  const names = new Set(omitted.map(({ feature }) => feature));
  const dependent = view.features.flatMap((feature) => {
    if (feature.kind !== 'derived') return [];
    const operand = operandsOf(feature.node).find((name) => names.has(name));
    return operand === undefined
      ? []
      : [{ feature: feature.name, why: `it is derived from ${operand}` }];
  });
  return [...omitted, ...dependent];
}

function whyNot(view: ViewDefinition, feature: Feature): string | null {
  if (feature.kind === 'derived') return null;
  const nodes = [feature.of, feature.where].filter((node) => node !== null);
  const list = nodes.map((node) => listIn(view, node)).find((name) => name !== null);
  return list === undefined || list === null
    ? null
    : `an array in ClickHouse does not tell a list ${list} that is absent from an empty one`;
}

/** A column of lists that the expression reads. */
function listIn(view: ViewDefinition, node: Node): string | null {
  if (node.op === 'column') return fieldOf(view, node.name)?.kind === 'texts' ? node.name : null;
  if (node.op !== 'call') return null;
  return node.args.map((arg) => listIn(view, arg)).find((name) => name !== null) ?? null;
}
