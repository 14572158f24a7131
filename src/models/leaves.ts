import type { Node } from '../features/expression.js';

/** What expressions read, each once, in the order of first use. */
export interface ExpressionLeaves {
  readonly columns: readonly string[];
  readonly features: readonly { readonly view: string | null; readonly feature: string }[];
}

/** The columns and features that expressions are made of. */
export function leavesOf(nodes: readonly Node[]): ExpressionLeaves {
  const columns = new Set<string>();
  const features = new Map<string, { view: string | null; feature: string }>();
  const visit = (node: Node): void => {
    if (node.op === 'column') columns.add(node.name);
    else if (node.op === 'feature') {
      features.set(`${node.view} ${node.name}`, { view: node.view, feature: node.name });
    } else if (node.op === 'call') for (const arg of node.args) visit(arg);
  };
  for (const node of nodes) visit(node);
  return { columns: [...columns], features: [...features.values()] };
}
