import type { ViewShape } from '../../features/shape.js';
import type { TopicDefinition } from '../../features/source.js';
import { accountsView, eventViews } from './event-views.js';
import { freshnessView, latestView, type ReadyView, trainingView } from './vector-views.js';

/** The views for analysts that the definitions give; those of fixed tables are migrations. */
export function analyticsViews(
  views: readonly ViewShape[],
  topics: readonly TopicDefinition[],
): readonly ReadyView[] {
  const events = topics.filter(({ kind }) => kind === 'source');
  const perView = views.flatMap((view) => {
    // Where several topics have the key, whose events made the vectors is not known here.
    const [source, other] = events.filter(({ fields }) => view.key in fields);
    const training = source !== undefined && other === undefined;
    const always = [latestView(view), freshnessView(view)];
    return training ? [...always, trainingView(view, source)] : always;
  });
  const account = topics.length === 0 ? [] : [accountsView(topics)];
  return [...perView, ...events.flatMap(eventViews), ...account];
}
