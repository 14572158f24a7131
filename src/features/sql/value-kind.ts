import type { Node } from '../expression.js';
import type { Field } from '../fields.js';
import { functions } from '../functions.js';
import type { ViewDefinition } from '../view.js';

export type ValueKind = 'number' | 'text' | 'boolean' | 'list';

/** The field that a view's expressions mean by a name: the event's own, else a joined table's. */
export function fieldOf(view: ViewDefinition, name: string): Field<unknown> | undefined {
  const joined = view.joins.find((join) => name in join.table.fields);
  return view.source.fields[name] ?? joined?.table.fields[name];
}

/** What an expression over a view's events gives. */
export function valueKind(view: ViewDefinition, node: Node): ValueKind {
  switch (node.op) {
    case 'const':
      return typeof node.value === 'number' ? 'number' : 'text';
    case 'time':
    case 'feature':
      return 'number';
    case 'call':
      return functions[node.fn].returns;
    case 'column': {
      const kind = fieldOf(view, node.name)?.kind;
      if (kind === 'number') return 'number';
      return kind === 'texts' ? 'list' : 'text';
    }
  }
}
