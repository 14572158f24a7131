import type { Node } from '../expression.js';
import type { AggregateFeature, ViewDefinition } from '../view.js';
import { columnsOf, eventSql } from './event-sql.js';
import { valueKind } from './value-kind.js';

/** What a feature takes of each event: a value and whether it counts. */
export interface Fact {
  /** Column of the value; null for a feature that only counts. */
  readonly value: string | null;
  /** Column of the condition, 1 where the event counts. */
  readonly when: string;
}

/** The values and conditions that a view's aggregates take of each event, each written once. */
export interface Facts {
  /** Column name by its SQL over the event's columns. */
  readonly columns: ReadonlyMap<string, string>;
  /** By feature name. */
  readonly of: ReadonlyMap<string, Fact>;
  /** Columns of the event, its own and joined ones, that the SQL reads. */
  readonly reads: readonly string[];
}

export function factsOf(view: ViewDefinition, features: readonly AggregateFeature[]): Facts {
  const columns = new Map<string, string>();
  const put = (sql: string): string => {
    const name = columns.get(sql) ?? `x${columns.size}`;
    columns.set(sql, name);
    return name;
  };
  const of = new Map(features.map((feature) => [feature.name, factOf(view, feature, put)]));
  const nodes = features.flatMap(({ of, where }) => [of, where]).filter((node) => node !== null);
  return { columns, of, reads: [...new Set(nodes.flatMap(columnsOf))] };
}

function factOf(
  view: ViewDefinition,
  feature: AggregateFeature,
  put: (sql: string) => string,
): Fact {
  const where = feature.where === null ? '1' : eventSql(view, feature.where);
  if (feature.of === null) return { value: null, when: put(`toUInt8(${where})`) };
  const sql = eventSql(view, feature.of);
  if (valueKind(view, feature.of) === 'text') {
    return {
      value: put(`ifNull(${sql}, '')`),
      when: put(`toUInt8(${where} AND isNotNull(${sql}))`),
    };
  }
  const number = numberSql(sql, feature.of, view);
  const when = put(`toUInt8(${where} AND isFinite(${number}))`);
  if (feature.fn !== 'histogram') return { value: put(number), when };
  // A slot before the first stands for a value that is no whole number.
  const slot = `ifNull(accurateCastOrNull(${number}, 'Int64'), ${feature.from - 1})`;
  return { value: put(slot), when };
}

/** A double, NaN where the value is not known. */
function numberSql(sql: string, node: Node, view: ViewDefinition): string {
  const isBoolean = valueKind(view, node) === 'boolean';
  return `ifNull(toFloat64(${isBoolean ? `toUInt8(${sql})` : sql}), nan)`;
}
