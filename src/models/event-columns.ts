import { WeirError } from '../errors.js';
import { toJavaScript } from '../features/compile-expression.js';
import type { Node } from '../features/expression.js';
import type { Row } from '../features/fields.js';
import type { TableState } from '../features/table-state.js';
import type { ViewDefinition } from '../features/view.js';
import type { ModelDefinition } from './definition.js';
import { inputLibrary } from './input-library.js';

/**
 * Values of columns of one event, its own and those joined as of its time; null where there is
 * none. To be called while the event is being taken: later updates fold older rows away. `tables`
 * are the states of the view's joins, in order.
 */
export type EventColumns = (
  row: Row,
  timeMs: number,
  tables: readonly Pick<TableState, 'find' | 'columns'>[],
) => unknown[];

/**
 * Compiles the look-up of columns in the view's task, so that only their values travel on.
 * @throws WeirError definition-invalid for a column that neither the events nor a joined table has
 */
export function compileEventColumns(view: ViewDefinition, names: readonly string[]): EventColumns {
  const used = new Set<number>();
  const values = names.map((name) => {
    const at = JSON.stringify(name);
    const own = view.source.fields[name];
    if (own !== undefined) return own.kind === 'key' ? `lib.key(r[${at}])` : `(r[${at}] ?? null)`;
    const join = view.joins.findIndex((one) => name in one.table.fields);
    if (join < 0) {
      throw new WeirError(
        'definition-invalid',
        `view ${view.name}: expected a column of ${view.source.topic} or of a joined table; found ${name}; correct the name`,
      );
    }
    used.add(join);
    return `(tables[${join}].columns[${at}][v${join}] ?? null)`;
  });
  const lookups = [...used].map((join) => {
    const { by, maxAgeMs } = view.joins[join]!;
    const key = by === null ? "''" : `r[${JSON.stringify(by)}]`;
    return `const v${join} = tables[${join}].find(${key}, t, ${maxAgeMs ?? 'Infinity'});`;
  });
  const body = `'use strict'; return (r, t, tables) => { ${lookups.join(' ')} return [${values.join(', ')}]; };`;
  // The text above is such a function.
  return new Function('lib', body)(inputLibrary) as EventColumns;
}

/** A condition on an event's own columns and its time. */
export type EventCondition = (row: Row, timeMs: number) => boolean;

/** Compiles the model's condition: whether an event is scored. */
export function compileWhere(model: ModelDefinition): EventCondition {
  return model.where === null ? () => true : compileCondition(model, model.where);
}

/** Compiles the model's label: whether an event is an outcome; null where it has none. */
export function compileOutcome(model: ModelDefinition): EventCondition | null {
  return model.label === null ? null : compileCondition(model, model.label.where);
}

function compileCondition(model: ModelDefinition, node: Node): EventCondition {
  const { fields } = model.events;
  const condition = toJavaScript(node, {
    column: (name) => {
      const code = `r[${JSON.stringify(name)}]`;
      const kind = fields[name]?.kind;
      if (kind === 'number') return `lib.num(${code})`;
      return kind === 'key' ? `lib.key(${code})` : code;
    },
    feature: () => 'undefined',
    time: 't',
  });
  const body = `'use strict'; return (r, t) => ${condition};`;
  // As above.
  return new Function('lib', body)(inputLibrary) as EventCondition;
}
