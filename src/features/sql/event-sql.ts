import { toSql } from '../compile-expression.js';
import type { Node } from '../expression.js';
import type { ViewDefinition } from '../view.js';
import { fieldOf } from './value-kind.js';

/**
 * An expression over a view's events in SQL: column `c_<name>` for each of the event's columns, `t`
 * for its time in ms. A key's identity is its text, so that a number compared with a key is its
 * text.
 */
export function eventSql(view: ViewDefinition, node: Node): string {
  return toSql(keysAsText(view, node), {
    column: (name) => `c_${name}`,
    feature: (name) => name,
    time: 't',
  });
}

function keysAsText(view: ViewDefinition, node: Node): Node {
  if (node.op !== 'call') return node;
  const args = node.args.map((arg) => keysAsText(view, arg));
  const isKey = args.some((arg) => arg.op === 'column' && fieldOf(view, arg.name)?.kind === 'key');
  if (!isKey) return { ...node, args };
  return {
    ...node,
    args: args.map((arg) => (arg.op === 'const' ? { op: 'const', value: String(arg.value) } : arg)),
  };
}

/** Names of the columns that an expression reads. */
export function columnsOf(node: Node): string[] {
  if (node.op === 'column') return [node.name];
  return node.op === 'call' ? node.args.flatMap(columnsOf) : [];
}

/** Names of the features that an expression reads. */
export function operandsOf(node: Node): string[] {
  if (node.op === 'feature') return [node.name];
  return node.op === 'call' ? node.args.flatMap(operandsOf) : [];
}
