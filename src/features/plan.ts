import { assert } from '../errors.js';
import {
  type Accumulator,
  count,
  extreme,
  histogram,
  type Record as Slots,
  sum,
  sumOfSquares,
} from '../windows/accumulator.js';
import { canonicalKey } from '../windows/key-table.js';
import type { SlidingWindow, Window } from '../windows/window.js';
import { columnOf } from './column-of.js';
import { toJavaScript } from './compile-expression.js';
import type { Node } from './expression.js';
import type { Field } from './fields.js';
import type { AggregateFeature, ViewDefinition } from './view.js';

/** An accumulator with its place in the key's record and in the panes' records. */
export interface Placed {
  readonly accumulator: Accumulator;
  readonly inKey: Slots;
  readonly inPane: Slots;
}

/** All that is kept over one window: one pool of panes. Null window: for life, without panes. */
export interface Group {
  readonly index: number;
  readonly window: Window;
  readonly placed: Placed[];
  /** Names of distinct sets with the code of their value and condition. */
  readonly sets: Hosted[];
  /** Slots of the key's record: the first and last pane. */
  readonly head: string;
  readonly tail: string;
  paneInts: number;
  paneFloats: number;
}

export interface Hosted {
  readonly name: string;
  readonly value: string;
  readonly when: string;
}

/** What the generated code is made of. */
export interface Plan {
  readonly groups: readonly Group[];
  readonly hoisted: readonly string[];
  readonly tops: readonly Hosted[];
  readonly setCount: number;
  /** Feature name to the code of its value; parallel to the definition's features. */
  readonly values: readonly string[];
  readonly keyInts: number;
  readonly keyFloats: number;
  /** Initial values of float slots of a key's record that are not 0. */
  readonly keyInitial: readonly { readonly slot: number; readonly value: number }[];
  /** Join whose table has the view's own key; -1 for none. */
  readonly ownJoin: number;
}

interface Draft {
  readonly definition: ViewDefinition;
  readonly hoisted: Map<string, string>;
  readonly groups: Map<string, Group>;
  readonly tops: Hosted[];
  readonly initial: { slot: number; value: number }[];
  readonly featureNames: Map<string, number>;
  sets: number;
  keyInts: number;
  keyFloats: number;
}

/** `KF[kf]`: the largest event time the key has seen; -Infinity before the first. */
const lastTime = 'KF[kf]';

function hoist(draft: Draft, code: string): string {
  if (/^(true|false|t|[vxr]\d+)$/.test(code)) return code;
  const known = draft.hoisted.get(code);
  if (known !== undefined) return known;
  const name = `x${draft.hoisted.size}`;
  draft.hoisted.set(code, name);
  return name;
}

function isNumber(field: Field<unknown> | undefined): boolean {
  return field?.kind === 'number';
}

/** Code of a column of the event's row or of a joined one: numbers with NaN for null. */
function columnCode(definition: ViewDefinition, name: string): string {
  const found = columnOf(definition.source, definition.joins, name);
  // `checkView` saw it.
  assert(found !== undefined, `view ${definition.name} has no column ${name}`);
  const { field, join } = found;
  const quoted = JSON.stringify(name);
  const code = join < 0 ? `r[${quoted}]` : `J${join}[${quoted}][v${join}]`;
  if (isNumber(field)) return `lib.num(${code})`;
  return field.kind === 'key' ? `lib.key(${code})` : code;
}

/** A key's identity is its text: constants are compared with it in a key's form. */
function keysCanonical(definition: ViewDefinition, node: Node): Node {
  if (node.op !== 'call') return node;
  const { source, joins } = definition;
  const args = node.args.map((arg) => keysCanonical(definition, arg));
  const isKey = (arg: Node): boolean =>
    arg.op === 'column' && columnOf(source, joins, arg.name)?.field.kind === 'key';
  if (node.fn !== 'equal' || !args.some(isKey)) return { ...node, args };
  const canonical = (arg: Node): Node =>
    arg.op === 'const' ? { op: 'const', value: canonicalKey(arg.value) } : arg;
  return { ...node, args: args.map(canonical) };
}

function code(draft: Draft, node: Node): string {
  return toJavaScript(keysCanonical(draft.definition, node), {
    column: (name) => columnCode(draft.definition, name),
    feature: (name) => `f${draft.featureNames.get(name)}`,
    time: 't',
  });
}

function groupOf(draft: Draft, window: Window): Group {
  const id = JSON.stringify(window);
  const known = draft.groups.get(id);
  if (known !== undefined) return known;
  const group: Group = {
    index: draft.groups.size,
    window,
    placed: [],
    sets: [],
    head: window === null ? '' : `KI[ki + ${draft.keyInts}]`,
    tail: window === null ? '' : `KI[ki + ${draft.keyInts + 1}]`,
    paneInts: 1,
    paneFloats: 1,
  };
  if (window !== null) draft.keyInts += 2;
  draft.groups.set(id, group);
  return group;
}

function place(draft: Draft, group: Group, accumulator: Accumulator): Slots {
  const known = group.placed.find((p) => p.accumulator.id === accumulator.id);
  if (known !== undefined) return known.inKey;
  const { keyInts, keyFloats } = draft;
  const { index, paneInts, paneFloats } = group;
  const inKey: Slots = {
    int: (slot) => `KI[ki + ${keyInts + slot}]`,
    float: (slot) => `KF[kf + ${keyFloats + slot}]`,
  };
  const inPane: Slots = {
    int: (slot) => `PI${index}[bi + ${paneInts + slot}]`,
    float: (slot) => `PF${index}[bf + ${paneFloats + slot}]`,
  };
  draft.keyInts += accumulator.ints;
  draft.keyFloats +=
    accumulator.floats + (group.window === null ? 0 : (accumulator.keyFloats ?? 0));
  group.paneInts += accumulator.ints;
  group.paneFloats += accumulator.floats;
  if (accumulator.initial !== undefined) {
    draft.initial.push({ slot: keyFloats, value: accumulator.initial });
  }
  group.placed.push({ accumulator, inKey, inPane });
  return inKey;
}

/** Allots the state of one feature and gives the code of its value. */
function aggregateValue(draft: Draft, feature: AggregateFeature, ownJoin: number): string {
  const when = feature.where === null ? 'true' : hoist(draft, code(draft, feature.where));
  switch (feature.fn) {
    case 'lastTime':
      return `(${lastTime} === -Infinity ? NaN : ${lastTime})`;
    case 'hoursSinceLast':
      return `(${lastTime} === -Infinity ? NaN : (at - ${lastTime}) / 3600000)`;
    case 'own':
      return ownValue(draft, feature, ownJoin);
    case 'count':
      return place(draft, groupOf(draft, feature.window), count(when)).int(0);
    default:
      return columnValue(draft, feature, when);
  }
}

function ownValue(draft: Draft, feature: AggregateFeature, ownJoin: number): string {
  const column = (feature.of as Extract<Node, { op: 'column' }>).name;
  const value = `J${ownJoin}[${JSON.stringify(column)}][ov]`;
  const field = draft.definition.joins[ownJoin]!.table.fields[column];
  return isNumber(field) ? `lib.num(${value})` : value;
}

function columnValue(draft: Draft, feature: AggregateFeature, when: string): string {
  const x = hoist(draft, code(draft, feature.of!));
  const group = groupOf(draft, feature.window);
  if (feature.fn === 'distinct') {
    const twin = group.sets.find((set) => set.value === x && set.when === when);
    const name = twin?.name ?? `S${draft.sets++}`;
    if (twin === undefined) group.sets.push({ name, value: x, when });
    return `${name}.count(rec)`;
  }
  if (feature.fn === 'topCounts') {
    const name = `T${draft.tops.length}`;
    draft.tops.push({ name, value: x, when });
    return `${name}.top(k, ${feature.size})`;
  }
  // False for NaN, which is null, and for infinities, which no sum could forget again.
  const finite = `${x} - ${x} === 0`;
  const known = hoist(draft, when === 'true' ? `(${finite})` : `(${when} && ${finite})`);
  if (feature.fn === 'histogram') {
    const slots = place(draft, group, histogram(x, known, feature.from, feature.size));
    return `[${Array.from({ length: feature.size }, (_, i) => slots.int(i)).join(', ')}]`;
  }
  return numberValue(draft, feature, group, x, known);
}

function numberValue(
  draft: Draft,
  feature: AggregateFeature,
  group: Group,
  x: string,
  known: string,
): string {
  if (feature.fn === 'min' || feature.fn === 'max') {
    const slot = place(draft, group, extreme(feature.fn === 'max' ? '>' : '<', x, known)).float(0);
    return `lib.finite(${slot})`;
  }
  const n = place(draft, group, count(known)).int(0);
  const s = place(draft, group, sum(x, known));
  if (feature.fn === 'sum') return `(${s.float(0)} + ${s.float(1)})`;
  if (feature.fn === 'mean') return `(${n} === 0 ? NaN : (${s.float(0)} + ${s.float(1)}) / ${n})`;
  const q = place(draft, group, sumOfSquares(x, known));
  const parts = [n, s.float(0), s.float(1), q.float(0), q.float(1)].join(', ');
  const freedom = feature.fn === 'populationVariance' ? 0 : 1;
  const variance = `(${n} > ${freedom} ? lib.squaredDeviations(${parts}) / (${n} - ${freedom}) : NaN)`;
  return feature.fn === 'standardDeviation' ? `Math.sqrt(${variance})` : variance;
}

/** Lays out the state of a view and writes the code of its parts. */
export function planView(definition: ViewDefinition): Plan {
  const draft: Draft = {
    definition,
    hoisted: new Map(),
    groups: new Map(),
    tops: [],
    initial: [{ slot: 0, value: Number.NEGATIVE_INFINITY }],
    featureNames: new Map(definition.features.map((f, i) => [f.name, i])),
    sets: 0,
    keyInts: 0,
    keyFloats: 1,
  };
  const ownJoin = definition.joins.findIndex((join) => join.by === definition.key);
  const values = definition.features.map((f) =>
    f.kind === 'aggregate' ? aggregateValue(draft, f, ownJoin) : code(draft, f.node),
  );
  return {
    groups: [...draft.groups.values()],
    hoisted: [...draft.hoisted].map(([text, name]) => `const ${name} = ${text};`),
    tops: draft.tops,
    setCount: draft.sets,
    values,
    keyInts: draft.keyInts,
    keyFloats: draft.keyFloats,
    keyInitial: draft.initial,
    ownJoin,
  };
}

/** The groups that have panes. */
export function paned(plan: Plan): readonly (Group & { readonly window: SlidingWindow })[] {
  return plan.groups.filter(
    (g): g is Group & { readonly window: SlidingWindow } => g.window !== null,
  );
}
