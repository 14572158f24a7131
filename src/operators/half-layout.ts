import { isNumeric } from '../features/program.js';
import { hashOf, type ViewDefinition } from '../features/view.js';
import type { ValueSlot } from '../features/view-state.js';
import type { ModelDefinition } from '../models/definition.js';
import { leavesOf } from '../models/leaves.js';

/** Which view's vector a half is: the first gives a score its key and its order. */
export const sides = ['first', 'second'] as const;
export type Side = (typeof sides)[number];

/** The values of one view that a model reads: all that travels to the scoring task. */
export interface HalfLayout {
  readonly view: ViewDefinition;
  /** Indices of the features read, ascending. */
  readonly read: readonly number[];
  /** Parallel to the view's features: where a value stands in a half; those not read stand at 0. */
  readonly slots: readonly ValueSlot[];
  readonly numbers: number;
  readonly others: number;
}

/** How a model's vectors travel in halves. */
export interface ModelLayout {
  readonly model: ModelDefinition;
  readonly first: HalfLayout;
  readonly second: HalfLayout;
  /** Changes when halves of another definition no longer fit. */
  readonly hash: string;
}

export function layoutOf(model: ModelDefinition): ModelLayout {
  const { features } = leavesOf([...model.inputs, ...model.recorded].map((input) => input.node));
  const half = (view: ViewDefinition): HalfLayout => {
    const names = new Set(features.filter((one) => one.view === view.name).map((f) => f.feature));
    let numbers = 0;
    let others = 0;
    const read: number[] = [];
    const slots = view.features.map((feature, i): ValueSlot => {
      const numeric = isNumeric(feature);
      if (!names.has(feature.name)) return { numeric, index: 0 };
      read.push(i);
      return { numeric, index: numeric ? numbers++ : others++ };
    });
    return { view, read, slots, numbers, others };
  };
  const first = half(model.first);
  const second = half(model.second);
  const named = ({ view, read }: HalfLayout) => read.map((i) => view.features[i]);
  const { name, hash, columns } = model;
  const parts = [name, hash, columns, named(first), named(second)];
  return { model, first, second, hash: hashOf(parts) };
}
