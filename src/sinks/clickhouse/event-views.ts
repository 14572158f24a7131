import type { TopicDefinition } from '../../features/source.js';
import { eventTable } from './event-table.js';
import { quoteText, tableSuffix } from './quote.js';
import { type ReadyView, readyView } from './vector-views.js';

/** Of a topic with a key and a field of given values: its funnel, and its click-through. */
export function eventViews(topic: TopicDefinition): readonly ReadyView[] {
  const [name, steps] = stepsOf(topic);
  if (topic.key === null || steps.length < 2) return [];
  const clicks = steps.includes('view') && steps.includes('click');
  return [funnelView(topic, name, steps), ...(clicks ? [clickThroughView(topic, name)] : [])];
}

/** The first field of given values and these, in the order declared. */
function stepsOf({ fields }: TopicDefinition): readonly [string, readonly string[]] {
  const found = Object.entries(fields).find(([, { kind }]) => kind === 'oneOf');
  return [found?.[0] ?? '', found?.[1].values ?? []];
}

function funnelView(topic: TopicDefinition, field: string, steps: readonly string[]): ReadyView {
  const { name: table } = eventTable(topic);
  const conditions = steps.map((step) => `ifNull(\`${field}\` = ${quoteText(step)}, 0)`);
  const list = steps.map((step, i) => `tuple(${i + 1}, ${quoteText(step)})`);
  const select = `SELECT
  day,
  tupleElement(entry, 1) AS step,
  tupleElement(entry, 2) AS event,
  countIf(reached >= tupleElement(entry, 1)) AS keys
FROM (
  SELECT
    toDate(time, 'UTC') AS day,
    windowFunnel(86400000)(toUInt64(toUnixTimestamp64Milli(time)), ${conditions.join(', ')}) AS reached,
    arrayJoin([${list.join(', ')}]) AS entry
  FROM (SELECT time, \`${field}\`, \`${topic.key}\` AS k FROM \`${table}\` FINAL)
  GROUP BY day, k
)
GROUP BY day, step, event ORDER BY day, step`;
  const comment = `Per day (UTC) and step: how many ${topic.key} got so far within the day, by ${steps.join(', ')}`;
  return readyView(`funnel_${tableSuffix(topic.topic)}`, select, comment);
}

/** Any text field may be the segment, so it is a parameter. */
function clickThroughView(topic: TopicDefinition, field: string): ReadyView {
  const { name: table } = eventTable(topic);
  const texts = Object.entries(topic.fields).filter(([, { kind }]) =>
    ['key', 'text', 'oneOf'].includes(kind),
  );
  const pairs = texts.map(
    ([name]) => `${quoteText(name)}, CAST(ifNull(\`${name}\`, ''), 'String')`,
  );
  const select = `SELECT
  toDate(time, 'UTC') AS day,
  map(${pairs.join(', ')})[{field:String}] AS segment,
  countIf(\`${field}\` = 'view') AS views,
  countIf(\`${field}\` = 'click') AS clicks,
  if(views = 0, NULL, clicks / views) AS click_through
FROM \`${table}\` FINAL
GROUP BY day, segment ORDER BY day, segment`;
  const name = `click_through_${tableSuffix(topic.topic)}`;
  const comment = `Clicks by views per day (UTC) and segment: SELECT * FROM ${name}(field = ...), any text field`;
  return readyView(name, select, comment);
}

/** Used records and dead letters of every topic; duplicates and filtered ones leave no row. */
export function accountsView(topics: readonly TopicDefinition[]): ReadyView {
  const used = topics.map(
    (topic) =>
      `  SELECT topic, count() AS used, 0 AS invalid, 0 AS future, 0 AS late, 0 AS refused FROM \`${eventTable(topic).name}\` FINAL GROUP BY topic`,
  );
  const select = `SELECT
  topic,
  sum(used) AS used,
  sum(invalid) AS invalid,
  sum(future) AS future,
  sum(late) AS late,
  sum(refused) AS refused
FROM (
${used.join('\n  UNION ALL\n')}
  UNION ALL
  SELECT topic, 0, countIf(reason = 'invalid'), countIf(reason = 'future'), countIf(reason = 'late'),
    countIf(reason = 'refused')
  FROM dead_letters FINAL GROUP BY topic
)
GROUP BY topic ORDER BY topic`;
  const comment =
    'Per topic: used records and dead letters by reason; duplicates and filtered records are only counted by the engine';
  return readyView('accounts', select, comment);
}
