import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createValueReader } from '../../../src/sinks/kafka/value-format.js';
import type { PostOutcome, WebhookMessage } from '../../../src/sinks/webhook/post.js';
import { WebhookReader } from '../../../src/streams/cluster/webhook-reader.js';
import { createLog } from '../../../src/telemetry/log.js';
import { needs } from '../../servers.js';
import { openTopics, type TestTopics } from './scoring-topics.js';

let topics: TestTopics | null = null;
before(async () => {
  if (needs('kafka').skip === undefined) topics = await openTopics('webhook');
});
after(() => topics?.close());

test('each record is posted with its id; another process goes on where one ended', {
  ...needs('kafka'),
}, async () => {
  const { kafka, prefix, producer } = topics!;
  const alerts = await topics!.create('drift-alerts', 1);
  const events = await topics!.create('retraining-events', 1);
  const put = (topic: string, record: object) =>
    producer.send({ topic, acks: -1, messages: [{ key: 'm', value: JSON.stringify(record) }] });
  for (const id of ['m/1/1/opened', 'm/1/1/worsened-1', 'm/1/1/closed']) {
    await put(alerts, { alert_id: id });
  }
  await put(alerts, { foreign: true });
  await put(events, { event_id: 'm/1/1' });
  const posted: string[] = [];
  const outcomes: string[] = [];
  /** Posts of the first life. */
  let before = Number.POSITIVE_INFINITY;
  const isAllPosted = (): boolean =>
    new Set(posted).size === 4 && posted.slice(before).includes('m/1/1/closed');
  const life = (answer: (message: WebhookMessage) => PostOutcome) => {
    let enough: () => void = () => undefined;
    const heard = new Promise<void>((resolve) => {
      enough = resolve;
    });
    const reader = new WebhookReader({
      kafka,
      groupId: `${prefix}webhook`,
      topics: [
        {
          topic: alerts,
          kind: 'drift-alert',
          id: 'alert_id',
          reader: createValueReader('json', null),
        },
        {
          topic: events,
          kind: 'retraining-event',
          id: 'event_id',
          reader: createValueReader('json', null),
        },
      ],
      place: { url: 'http://127.0.0.1:1/', secret: null, timeoutMs: 1_000, retryForMs: 86_400_000 },
      log: createLog({ level: 'error' }),
      onOutcome: (outcome) => outcomes.push(outcome),
      send: async (_, message) => {
        posted.push(message.id);
        const outcome = answer(message);
        if (outcome.kind === 'failed' || isAllPosted()) enough();
        return outcome;
      },
    });
    return { reader, heard };
  };
  const down = life(({ id }) =>
    id.endsWith('/closed') ? { kind: 'failed', why: 'down' } : { kind: 'delivered' },
  );
  await down.reader.start();
  await down.heard;
  await down.reader.close();
  before = posted.length;
  const up = life(() => ({ kind: 'delivered' }));
  await up.reader.start();
  await up.heard;
  await up.reader.close();
  assert.deepEqual([...new Set(posted)].toSorted(), [
    'm/1/1/closed',
    'm/1/1/opened',
    'm/1/1/retraining',
    'm/1/1/worsened-1',
  ]);
  assert.ok(posted.slice(before).includes('m/1/1/closed'), 'what failed is posted again');
  assert.ok(!posted.slice(before).includes('m/1/1/opened'), 'what was taken is not');
  assert.ok(outcomes.includes('failed') && !outcomes.includes('given-up'));
});
