import { WeirError } from '../errors.js';
import { columnNames, columnOf } from './column-of.js';
import type { Node } from './expression.js';
import { plainNames } from './plain-names.js';
import type { AggregateFeature, Feature, ViewDefinition } from './view.js';

type Checked = Omit<ViewDefinition, 'shape'>;

/** The most slots a histogram and the most entries `topCounts` may have. */
const sizeLimit = 1_000;

/**
 * Refuses a view that could not be computed: what the types of a definition cannot rule out.
 * @throws WeirError definition-invalid
 */
export function checkView(view: Checked): void {
  plainNames(
    `view ${view.name}`,
    'feature',
    view.features.map(({ name }) => name),
  );
  refuseTwins(view);
  checkKey(view);
  for (const feature of view.features) {
    if (feature.kind === 'derived') checkDerived(view, feature.name, feature.node);
    else checkAggregate(view, feature);
  }
}

function refuseTwins({ name, features }: Checked): void {
  const seen = new Set<string>();
  for (const feature of features) {
    if (seen.has(feature.name)) {
      refuse(
        `view ${name}`,
        `two features are named ${feature.name}; rename one (windows of one length, such as '1h' and '1h/5m', give one name)`,
      );
    }
    seen.add(feature.name);
  }
}

function checkKey({ name, source, key }: Checked): void {
  const field = Object.hasOwn(source.fields, key) ? source.fields[key] : undefined;
  const isSound = field !== undefined && !field.optional && !/^(number|texts)$/.test(field.kind);
  if (isSound) return;
  const found =
    field === undefined ? 'none such' : `an ${field.optional ? 'optional ' : ''}${field.kind}`;
  refuse(
    `view ${name}`,
    `expected as key ${key} a required key or text of ${source.topic} itself; found ${found}; declare it there, or choose another key`,
  );
}

function checkAggregate(view: Checked, feature: AggregateFeature): void {
  const { fn, size, of, where } = feature;
  const owner = `view ${view.name}, feature ${feature.name}`;
  if (of !== null) checkOperand(view, owner, of);
  if (where !== null) checkOperand(view, owner, where);
  const isSized = fn === 'histogram' || fn === 'topCounts';
  if (isSized && !(Number.isInteger(size) && size >= 1 && size <= sizeLimit)) {
    refuse(owner, `expected a size from 1 to ${sizeLimit}; found ${size}`);
  }
  if (fn === 'histogram' && !Number.isSafeInteger(feature.from)) {
    refuse(owner, `expected a whole number to count from; found ${feature.from}`);
  }
}

/** Checks an expression over an event: columns that there are, and no features. */
function checkOperand(view: Checked, owner: string, node: Node): void {
  if (node.op === 'call') for (const arg of node.args) checkOperand(view, owner, arg);
  if (node.op === 'const') checkConstant(owner, node.value);
  if (node.op === 'feature') {
    refuse(
      owner,
      `expected columns of the event; found the feature ${node.name}; features can be used in derive only`,
    );
  }
  if (node.op !== 'column') return;
  const { source, joins } = view;
  if (columnOf(source, joins, node.name) !== undefined) return;
  const keyed = joins.find(({ table }) => table.key === node.name);
  const remedy =
    keyed === undefined
      ? `the columns are ${columnNames(source, joins).join(', ')}`
      : `use ${keyed.by}, the event's own column that ${keyed.table.topic} is joined by`;
  refuse(
    owner,
    `expected a column of ${source.topic} or a joined table; found ${node.name}; ${remedy}`,
  );
}

/** Checks an expression over a vector: the view's own aggregates, and no columns. */
function checkDerived(view: Checked, name: string, node: Node): void {
  const owner = `view ${view.name}, feature ${name}`;
  if (node.op === 'call') for (const arg of node.args) checkDerived(view, name, arg);
  if (node.op === 'const') checkConstant(owner, node.value);
  if (node.op === 'column' || node.op === 'time') {
    refuse(
      owner,
      `expected features of the view in derive; found ${node.op === 'time' ? "the event's time" : `the column ${node.name}`}; declare an aggregate of it under features or internal`,
    );
  }
  if (node.op !== 'feature') return;
  const isOwn = (one: Feature): boolean => one.kind === 'aggregate' && one.name === node.name;
  if (node.view === view.name && view.features.some(isOwn)) return;
  refuse(
    owner,
    `expected features of view ${view.name} that are not derived themselves; found ${node.name} of view ${node.view}; take them from the argument of derive`,
  );
}

function checkConstant(owner: string, value: unknown): void {
  if (typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))) return;
  refuse(owner, `expected a text or a finite number to compare or compute with; found ${value}`);
}

function refuse(owner: string, problem: string): never {
  throw new WeirError('definition-invalid', `${owner}: ${problem}`);
}
