import { WeirError } from '../errors.js';
import type { Node } from './expression.js';
import { functions } from './functions.js';

/** What a leaf of an expression is called in the target language. */
export interface Leaves {
  readonly column: (name: string) => string;
  readonly feature: (name: string, view: string | null) => string;
  readonly time: string;
}

/** The expression in JavaScript: a number (NaN for null), a string or null, or a boolean. */
export function toJavaScript(node: Node, leaves: Leaves): string {
  return write(node, leaves, 'js');
}

/** The expression in ClickHouse SQL. */
export function toSql(node: Node, leaves: Leaves): string {
  return write(node, leaves, 'sql');
}

function write(node: Node, leaves: Leaves, target: 'js' | 'sql'): string {
  switch (node.op) {
    case 'const':
      return literal(node.value, target);
    case 'column':
      return leaves.column(node.name);
    case 'time':
      return leaves.time;
    case 'feature':
      return leaves.feature(node.name, node.view);
    case 'call': {
      const form: { js: (...a: string[]) => string; sql: (...a: string[]) => string } =
        functions[node.fn];
      return form[target](...node.args.map((arg) => write(arg, leaves, target)));
    }
  }
}

function literal(value: number | string, target: 'js' | 'sql'): string {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) {
      throw new WeirError('definition-invalid', `expected a finite number, found ${value}`);
    }
    return value < 0 ? `(${value})` : String(value);
  }
  if (target === 'js') return JSON.stringify(value);
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
