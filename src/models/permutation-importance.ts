import type { Node } from '../features/expression.js';
import { createUniform } from '../stats/random.js';
import type { ModelDefinition } from './definition.js';
import { leavesOf } from './leaves.js';

/** Scores of rows, each as wide as the model has inputs; NaN for null. */
export type ScoreRows = (rows: readonly Float64Array[]) => Promise<readonly number[]>;

/**
 * How much each feature weighs in the score, named as monitors name it: the mean absolute change of
 * the score when the feature's values are shuffled among the rows (permutation importance, Breiman
 * 2001; of the score instead of a loss, which needs no labels). All inputs that read a feature are
 * shuffled together; an input that is watched by itself is shuffled alone. Deterministic.
 * @param rows of days that the model was not trained on
 */
export async function permutationImportance(
  model: ModelDefinition,
  rows: readonly Float64Array[],
  score: ScoreRows,
  seed: number,
): Promise<Readonly<Record<string, number>>> {
  const before = await score(rows);
  const importance: Record<string, number> = {};
  for (const [name, inputs] of readersOf(model)) {
    const order = shuffled(rows.length, seed);
    const mixed = rows.map((row, i) => {
      const copy = row.slice();
      for (const at of inputs) copy[at] = rows[order[i]!]![at]!;
      return copy;
    });
    const after = await score(mixed);
    const total = after.reduce((sum, one, i) => sum + Math.abs(one - before[i]!), 0);
    importance[name] = Number((total / rows.length).toPrecision(4));
  }
  return importance;
}

/** By what is watched: the places of the inputs that hang on it. */
export function readersOf({ inputs, recorded }: ModelDefinition): Map<string, readonly number[]> {
  const readers = new Map<string, readonly number[]>();
  const reading = (leaves: readonly string[]): readonly number[] =>
    inputs.flatMap(({ node }, at) =>
      leavesIn(node).some((one) => leaves.includes(one)) ? at : [],
    );
  for (const { node } of inputs) {
    for (const leaf of leavesIn(node)) {
      if (leaf.includes('.')) readers.set(leaf, reading([leaf]));
    }
  }
  // What is recorded and is an input under another name counts through the inputs that read it.
  for (const { name, node } of recorded) {
    const own = reading(leavesIn(node));
    if (own.length > 0) readers.set(name, own);
  }
  for (const [at, { name }] of inputs.entries()) readers.set(name, [at]);
  return readers;
}

/** Features as `view.feature`, columns by their names. */
function leavesIn(node: Node): readonly string[] {
  const { columns, features } = leavesOf([node]);
  return [...columns, ...features.map(({ view, feature }) => `${view}.${feature}`)];
}

/** Fisher and Yates. */
function shuffled(count: number, seed: number): readonly number[] {
  const uniform = createUniform(seed);
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(uniform() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
