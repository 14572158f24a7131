import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OutboxOptions, WebhookOutbox } from '../../../src/sinks/webhook/outbox.js';
import type { PostOutcome, WebhookMessage } from '../../../src/sinks/webhook/post.js';
import { post } from '../../../src/sinks/webhook/post.js';
import { signature } from '../../../src/sinks/webhook/signature.js';
import { createLog } from '../../../src/telemetry/log.js';
import { openReceiver } from './receiver.js';

const secret = 'hidden-key';

function messageOf(id: string): WebhookMessage {
  return { id, kind: 'drift-alert', body: JSON.stringify({ id }) };
}

/** An outbox whose time is counted by its waits, with what it logs. */
function outboxOf(options: Partial<OutboxOptions> & { url?: string; retryForMs?: number }) {
  let nowMs = 0;
  const lines: string[] = [];
  const waits: number[] = [];
  const outcomes: string[] = [];
  const place = {
    url: options.url ?? 'http://127.0.0.1:1/',
    secret,
    timeoutMs: 2_000,
    retryForMs: options.retryForMs ?? 86_400_000,
  };
  const outbox = new WebhookOutbox({
    place,
    log: createLog({ write: (line) => void lines.push(line) }),
    onOutcome: (outcome) => outcomes.push(outcome),
    clock: () => nowMs,
    delay: async (ms) => {
      waits.push(ms);
      nowMs += ms;
    },
    ...options,
  });
  return { outbox, lines, waits, outcomes };
}

test('a message is posted with its id, kind, time and a signature that the receiver can check', async () => {
  const receiver = await openReceiver();
  const { outbox } = outboxOf({ url: receiver.url });
  outbox.add([messageOf('m/1/1/opened')]);
  await outbox.drained();
  await receiver.close();
  const [one] = receiver.received;
  assert.equal(one?.body, '{"id":"m/1/1/opened"}');
  assert.equal(one?.headers['weir-id'], 'm/1/1/opened');
  assert.equal(one?.headers['weir-kind'], 'drift-alert');
  const timestamp = String(one?.headers['weir-timestamp']);
  const expected = signature(secret, timestamp, 'm/1/1/opened', one?.body ?? '');
  assert.equal(one?.headers['weir-signature'], expected);
});

test('what fails is tried again in order, each time later; secret and address are in no line', async () => {
  const receiver = await openReceiver([500, 429, 302]);
  const { outbox, lines, waits, outcomes } = outboxOf({ url: receiver.url });
  outbox.add([messageOf('a'), messageOf('b')]);
  await outbox.drained();
  await receiver.close();
  const ids = receiver.received.map(({ headers }) => headers['weir-id']);
  assert.deepEqual(ids, ['a', 'a', 'a', 'a', 'b']);
  assert.deepEqual(waits, [1_000, 2_000, 4_000]);
  assert.deepEqual(outcomes, ['failed', 'failed', 'failed', 'delivered', 'delivered']);
  assert.equal(lines.length, 3);
  assert.ok(lines.every((line) => !line.includes(secret) && !line.includes('/hook')));
});

test('a message that the receiver will never take is given up at once, one that fails in the end', async () => {
  const receiver = await openReceiver([422]);
  const first = outboxOf({ url: receiver.url });
  first.outbox.add([messageOf('a'), messageOf('b')]);
  await first.outbox.drained();
  await receiver.close();
  assert.deepEqual(first.outcomes, ['failed', 'given-up', 'delivered']);
  const failed: PostOutcome = { kind: 'failed', why: 'down' };
  const second = outboxOf({ send: async () => failed, retryForMs: 10_000 });
  second.outbox.add([messageOf('a')]);
  await second.outbox.drained();
  // 1 + 2 + 4 + 8 s: the fifth attempt is past ten seconds.
  assert.deepEqual(second.waits, [1_000, 2_000, 4_000, 8_000]);
  assert.equal(second.outcomes.at(-1), 'given-up');
  assert.deepEqual(second.outbox.pending, []);
});

test('a receiver that cannot be reached is a failure, not a throw', async () => {
  const place = { url: 'http://127.0.0.1:1/', secret: null, timeoutMs: 2_000, retryForMs: 1 };
  const outcome = await post(place, messageOf('a'), 0);
  assert.equal(outcome.kind, 'failed');
  assert.match(outcome.kind === 'failed' ? outcome.why : '', /^the receiver cannot be reached \(/);
});

test('what was closed before it was delivered waits, and a new outbox posts it with the same id', async () => {
  const hanging = outboxOf({ send: (_place, _message, _now, signal) => untilAborted(signal) });
  hanging.outbox.add([messageOf('a'), messageOf('b')]);
  await hanging.outbox.close();
  const kept = JSON.parse(JSON.stringify(hanging.outbox.pending));
  const posted: string[] = [];
  const next = outboxOf({
    send: async (_place, { id }) => {
      posted.push(id);
      return { kind: 'delivered' };
    },
  });
  next.outbox.restore(kept);
  next.outbox.add([messageOf('b')]); // a replay tells it again
  await next.outbox.drained();
  assert.deepEqual(posted, ['a', 'b']);
});

test('of more messages than may wait the oldest are given up', async () => {
  const { outbox, outcomes } = outboxOf({
    pendingMax: 2,
    send: (_place, _message, _now, signal) => untilAborted(signal),
  });
  outbox.add(['a', 'b', 'c', 'd'].map(messageOf));
  assert.deepEqual(
    outbox.pending.map(({ id }) => id),
    ['c', 'd'],
  );
  assert.deepEqual(outcomes, ['given-up', 'given-up']);
  await outbox.close();
});

function untilAborted(signal: AbortSignal | undefined): Promise<PostOutcome> {
  return new Promise((resolve) => {
    signal?.addEventListener('abort', () => resolve({ kind: 'failed', why: 'aborted' }));
  });
}
