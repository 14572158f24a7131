import { WeirError } from '../errors.js';
import type { On } from '../features/aggregate.js';
import type { Expr, Node } from '../features/expression.js';
import type { AsOfJoin, Stream, TopicDefinition } from '../features/source.js';
import { hashOf, type ViewDefinition } from '../features/view.js';
import { durationMs } from '../windows/window.js';
import { leavesOf } from './leaves.js';

/** A named expression over the event and both vectors. */
export interface ModelInput {
  readonly name: string;
  readonly node: Node;
}

/** What makes a scored event positive later. */
export interface ModelLabel {
  /** Over the event's own columns: an outcome, of the same keys of both views. */
  readonly where: Node;
  /** How long after the scored event an outcome counts, ms. */
  readonly horizonMs: number;
}

/** The plain data of a model: which events it scores and from what. */
export interface ModelDefinition {
  readonly name: string;
  /** The topic whose events are scored. */
  readonly events: TopicDefinition;
  /** Over the event's own columns and its time; null scores every event. */
  readonly where: Node | null;
  /** Scores have its key and the order of its vectors, and its task evaluates `columns`. */
  readonly first: ViewDefinition;
  readonly second: ViewDefinition;
  /** Null where nobody says what became of an event. */
  readonly label: ModelLabel | null;
  /** Columns of the event, own and joined, that the inputs use: carried to the scoring task. */
  readonly columns: readonly string[];
  /** What the model is given, in order: numbers, NaN for null. */
  readonly inputs: readonly ModelInput[];
  /** What stands beside the inputs of a score without being given to the model. */
  readonly recorded: readonly ModelInput[];
  /** Stable hash of `where` and the inputs, 16 hex digits; the views have their own. */
  readonly hash: string;
  /** Where the model's manifest is. */
  readonly manifest: string | URL;
}

/** The event as operands. */
export type EventOperands<Row> = Pick<On<Row>, 'column' | 'time'>;

/** Columns equal to a value or to one of a list, or any condition on the event's own columns. */
export type ScoredWhere<Row> =
  | { readonly [K in keyof Row]?: NonNullable<Row[K]> | readonly NonNullable<Row[K]>[] }
  | ((event: EventOperands<Row>) => Expr<boolean>);

/** A declared view, whatever its features. */
interface AnyView {
  readonly definition: ViewDefinition;
  readonly features: object;
}

type Inputs = Readonly<Record<string, Expr<number> | Expr<number | null>>>;
type Recorded = Readonly<
  Record<string, Expr<number> | Expr<number | null> | Expr<string> | Expr<string | null>>
>;

interface ModelOptions<Row, First extends AnyView, Second extends AnyView> {
  readonly name: string;
  /** The events to score with what is joined to them, as the first view declares it. */
  readonly events: Stream<Row>;
  readonly where?: ScoredWhere<Row>;
  readonly first: First;
  readonly second: Second;
  readonly inputs: (
    event: EventOperands<Row>,
    first: First['features'],
    second: Second['features'],
  ) => Inputs;
  readonly recorded?: (
    event: EventOperands<Row>,
    first: First['features'],
    second: Second['features'],
  ) => Recorded;
  /** An outcome makes the scored events of the same keys positive that lie `within` before it. */
  readonly label?: { readonly where: ScoredWhere<Row>; readonly within: string };
  readonly manifest: string | URL;
}

function refuse(model: string, expected: string, found: string, remedy: string): never {
  throw new WeirError(
    'definition-invalid',
    `model ${model}: expected ${expected}; found ${found}; ${remedy}`,
  );
}

function conditionOf<Row>(
  where: ScoredWhere<Row> | undefined,
  event: EventOperands<Row>,
): Node | null {
  if (where === undefined) return null;
  if (typeof where === 'function') return where(event).node;
  const tests = Object.entries(where).map(([name, wanted]): Node => {
    // A row holds texts and numbers.
    const values = (Array.isArray(wanted) ? wanted : [wanted]) as (string | number)[];
    const equals = values.map((value): Node => {
      const args: readonly Node[] = [
        { op: 'column', name },
        { op: 'const', value },
      ];
      return { op: 'call', fn: 'equal', args };
    });
    return equals.reduce((a, b) => ({ op: 'call', fn: 'or', args: [a, b] }));
  });
  return tests.reduce((a, b) => ({ op: 'call', fn: 'and', args: [a, b] }));
}

function checkJoins(model: string, joins: readonly AsOfJoin[], first: ViewDefinition): void {
  for (const join of joins) {
    const text = JSON.stringify(join);
    if (first.joins.some((one) => JSON.stringify(one) === text)) continue;
    refuse(
      model,
      `events joined as view ${first.name} joins them`,
      `a join of ${join.table.topic} that the view does not have`,
      `declare the same .asOf(…) in both, since the events are evaluated in the view's task`,
    );
  }
}

function labelOf<Row>(
  model: string,
  label: ModelOptions<Row, AnyView, AnyView>['label'],
  event: EventOperands<Row>,
): ModelLabel | null {
  if (label === undefined) return null;
  const where = conditionOf(label.where, event);
  const horizonMs = durationMs(label.within);
  if (where === null || horizonMs === undefined) {
    refuse(
      model,
      "a label with a condition, within a length such as '24h'",
      label.within,
      'mend it',
    );
  }
  return { where, horizonMs };
}

function checkLeaves(model: ModelDefinition, joined: readonly AsOfJoin[]): void {
  const { name, first, second, events } = model;
  const own = Object.keys(events.fields);
  const known = new Set([...own, ...joined.flatMap((join) => Object.keys(join.table.fields))]);
  const leaves = leavesOf([...model.inputs, ...model.recorded].map((input) => input.node));
  for (const column of leaves.columns) {
    if (known.has(column)) continue;
    refuse(name, `one of the columns ${[...known].join(', ')}`, column, 'correct the name');
  }
  for (const { view, feature } of leaves.features) {
    const of = [first, second].find((one) => one.name === view);
    if (of?.features.some((one) => one.name === feature)) continue;
    const found = `${feature} of ${view}`;
    refuse(name, `features of ${first.name} or ${second.name}`, found, 'correct the name');
  }
  const conditions = [model.where, model.label?.where ?? null].flatMap((node) => node ?? []);
  const condition = leavesOf(conditions);
  const foreign = condition.columns.find((column) => !own.includes(column));
  if (foreign !== undefined || condition.features.length > 0) {
    const found = foreign ?? condition.features[0]!.feature;
    refuse(name, `'where' over columns of ${events.topic}`, found, 'both views must see it');
  }
}

/**
 * Declares a model: the events to score and, as expressions over the event and the vectors of two
 * views *before* it, what it is given.
 * @example
 * model({ name: 'ranker', events: clicks, first: user, second: place, manifest: 'ranker.json',
 *   inputs: (event, user, place) => ({
 *     price_difference: subtract(place.price_level, user.mean_price),
 *   }) })
 * @throws WeirError definition-invalid
 */
export function model<Row, First extends AnyView, Second extends AnyView>(
  options: ModelOptions<Row, First, Second>,
): ModelDefinition {
  const { name, manifest } = options;
  const { events, joins } = options.events;
  const first = options.first.definition;
  const second = options.second.definition;
  if (first.name === second.name) refuse(name, 'two views', `${first.name} twice`, 'name another');
  for (const { name: view, source } of [first, second]) {
    if (source.topic === events.topic) continue;
    refuse(name, `views of ${events.topic}`, `${view} of ${source.topic}`, 'score the same events');
  }
  checkJoins(name, joins, first);
  const event: EventOperands<Row> = {
    column: (column) => ({ node: { op: 'column', name: column } }),
    time: { node: { op: 'time' } },
  };
  const listed = (declared: Readonly<Record<string, Expr<unknown>>> = {}): ModelInput[] =>
    Object.entries(declared).map(([input, { node }]) => ({ name: input, node }));
  const operands = [event, options.first.features, options.second.features] as const;
  const inputs = listed(options.inputs(...operands));
  const recorded = listed(options.recorded?.(...operands));
  const twin = recorded.find((one) => inputs.some((input) => input.name === one.name));
  if (twin !== undefined) refuse(name, 'one value for a name', `${twin.name} twice`, 'rename one');
  if (inputs.length === 0) refuse(name, 'at least one input', 'none', 'declare inputs');
  const where = conditionOf(options.where, event);
  const { columns } = leavesOf([...inputs, ...recorded].map((input) => input.node));
  const hash = hashOf({ where, inputs });
  const definition: ModelDefinition = {
    name,
    events,
    where,
    first,
    second,
    label: labelOf(name, options.label, event),
    columns,
    inputs,
    recorded,
    hash,
    manifest,
  };
  checkLeaves(definition, joins);
  return definition;
}
