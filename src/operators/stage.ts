import { WeirError } from '../errors.js';
import type { TopicDefinition } from '../features/source.js';
import type { ViewDefinition } from '../features/view.js';
import { hashKey } from '../windows/key-table.js';

/** How a topic's records reach a stage's partitions. */
export type Route =
  /** By the hash of this column. */
  | { readonly kind: 'key'; readonly column: string }
  /** To every partition: a table that is joined by another key. */
  | { readonly kind: 'copy' }
  | { readonly kind: 'none' };

/** Views over one event topic with one key: they share logs and tasks. */
export interface Stage {
  /** The key's views, by name; also the name of the stage's logs. */
  readonly name: string;
  readonly events: TopicDefinition;
  readonly key: string;
  readonly views: readonly ViewDefinition[];
  /** Parallel to the pipeline's topics. */
  readonly routes: readonly Route[];
}

/** Every topic the views read, event topics first; a record names its topic by its place here. */
export function topicsOf(views: readonly ViewDefinition[]): TopicDefinition[] {
  const topics = new Map<string, TopicDefinition>();
  for (const { source } of views) topics.set(source.topic, source);
  for (const join of views.flatMap((view) => view.joins)) topics.set(join.table.topic, join.table);
  return [...topics.values()];
}

/** Groups views into stages. */
export function stagesOf(views: readonly ViewDefinition[]): Stage[] {
  const topics = topicsOf(views);
  const groups = new Map<string, ViewDefinition[]>();
  for (const view of views) {
    const id = `${view.source.topic} ${view.key}`;
    groups.set(id, [...(groups.get(id) ?? []), view]);
  }
  return [...groups.values()].map((group) => {
    const [{ source, key }] = group as [ViewDefinition];
    const name = group.map((view) => view.name).join('-');
    const routes = topics.map((topic) => routeOf(topic, source, key, group));
    return { name, events: source, key, views: group, routes };
  });
}

function routeOf(
  topic: TopicDefinition,
  events: TopicDefinition,
  key: string,
  views: readonly ViewDefinition[],
): Route {
  if (topic.topic === events.topic) return { kind: 'key', column: key };
  const joins = views.flatMap((view) => view.joins).filter((j) => j.table.topic === topic.topic);
  if (joins.length === 0) return { kind: 'none' };
  if (joins.some((join) => join.by !== key)) return { kind: 'copy' };
  if (topic.key === null) {
    throw new WeirError('definition-invalid', `table ${topic.topic} has no key to join by ${key}`);
  }
  return { kind: 'key', column: topic.key };
}

/** The partition of a key among `count`. */
export function partitionOf(key: string | number, count: number): number {
  return hashKey(key) % count;
}
