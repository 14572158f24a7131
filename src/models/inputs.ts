import { toJavaScript } from '../features/compile-expression.js';
import type { Node } from '../features/expression.js';
import type { FeatureValue } from '../features/shape.js';
import type { ViewDefinition } from '../features/view.js';
import type { ValueSlot } from '../features/view-state.js';
import type { ModelDefinition } from './definition.js';
import { inputLibrary } from './input-library.js';

/** A vector where it stands: numbers from `n`, other values from `o`, by a view's slots. */
export interface VectorRow {
  readonly numbers: Float64Array;
  readonly n: number;
  readonly others: readonly unknown[];
  readonly o: number;
}

/** Writes inputs to `out` from `at` on, NaN for null; `columns` come from `compileEventColumns`. */
export type FillInputs = (
  timeMs: number,
  columns: readonly unknown[],
  first: VectorRow,
  second: VectorRow,
  out: Float64Array,
  at: number,
) => void;

/** The values that a score records beside the inputs, in the model's order. */
export type ReadRecorded = (
  timeMs: number,
  columns: readonly unknown[],
  first: VectorRow,
  second: VectorRow,
) => FeatureValue[];

/** The vector of an entity that was not there in time: every value null. */
export function absentVector(slots: readonly ValueSlot[]): VectorRow {
  const numbers = new Float64Array(slots.filter((slot) => slot.numeric).length).fill(Number.NaN);
  const others = slots.filter((slot) => !slot.numeric).map(() => null);
  return { numbers, n: 0, others, o: 0 };
}

function isNumberColumn(model: ModelDefinition, name: string): boolean {
  const own = model.events.fields[name];
  const join = model.first.joins.find((one) => name in one.table.fields);
  return (own ?? join?.table.fields[name])?.kind === 'number';
}

function compileNode(
  model: ModelDefinition,
  node: Node,
  first: readonly ValueSlot[],
  second: readonly ValueSlot[],
): string {
  const slotCode = (
    view: ViewDefinition,
    slots: readonly ValueSlot[],
    at: string,
    name: string,
  ) => {
    const slot = slots[view.features.findIndex((feature) => feature.name === name)]!;
    return slot.numeric
      ? `lib.finite(${at}.numbers[${at}.n + ${slot.index}])`
      : `(${at}.others[${at}.o + ${slot.index}] ?? null)`;
  };
  return toJavaScript(node, {
    column: (name) => {
      const code = `c[${model.columns.indexOf(name)}]`;
      return isNumberColumn(model, name) ? `lib.num(${code})` : code;
    },
    feature: (name, view) =>
      view === model.first.name
        ? slotCode(model.first, first, 'a', name)
        : slotCode(model.second, second, 'b', name),
    time: 't',
  });
}

/**
 * Compiles the model's inputs to one function.
 * @param first slots of the first view's state
 */
export function compileInputs(
  model: ModelDefinition,
  first: readonly ValueSlot[],
  second: readonly ValueSlot[],
): FillInputs {
  const lines = model.inputs.map(
    ({ node }, i) => `out[at + ${i}] = lib.finite(${compileNode(model, node, first, second)});`,
  );
  const body = `'use strict'; return (t, c, a, b, out, at) => {\n${lines.join('\n')}\n};`;
  return new Function('lib', body)(inputLibrary) as FillInputs; // the text above is such a function
}

/** Compiles what the model records beside its inputs: numbers and texts, null where not known. */
export function compileRecorded(
  model: ModelDefinition,
  first: readonly ValueSlot[],
  second: readonly ValueSlot[],
): ReadRecorded {
  const values = model.recorded.map(
    ({ node }) => `lib.known(${compileNode(model, node, first, second)})`,
  );
  const known = (value: FeatureValue): FeatureValue =>
    typeof value === 'number' && !Number.isFinite(value) ? null : value;
  const body = `'use strict'; return (t, c, a, b) => [${values.join(', ')}];`;
  return new Function('lib', body)({ ...inputLibrary, known }) as ReadRecorded; // as above
}

type NameInputs = (
  row: Float64Array,
  at: number,
  recorded: readonly FeatureValue[],
) => Record<string, FeatureValue>;

const naming = new WeakMap<ModelDefinition, NameInputs>();

/**
 * One literal of all names: set name by name the object would be a hash table, at 4 times the cost.
 */
function compileNames(model: ModelDefinition): NameInputs {
  const plain = (name: string): string =>
    name === '__proto__' ? `['__proto__']` : JSON.stringify(name);
  const pairs = [
    ...model.inputs.map(({ name }, i) => `${plain(name)}: known(row[at + ${i}])`),
    ...model.recorded.map(({ name }, i) => `${plain(name)}: recorded[${i}] ?? null`),
  ];
  const known = (value: number): number | null => (Number.isFinite(value) ? value : null);
  const body = `'use strict'; return (row, at, recorded) => ({ ${pairs.join(', ')} });`;
  return new Function('known', body)(known) as NameInputs; // the text above is such a function
}

/** The inputs of a score by name, null for NaN, with what is recorded beside them. */
export function inputsByName(
  model: ModelDefinition,
  row: Float64Array,
  at: number,
  recorded: readonly FeatureValue[],
): Record<string, FeatureValue> {
  let names = naming.get(model);
  if (names === undefined) {
    names = compileNames(model);
    naming.set(model, names);
  }
  return names(row, at, recorded);
}
