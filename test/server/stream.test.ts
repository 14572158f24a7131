import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { type StreamLimits, streamLimits } from '../../src/server/stream.js';
import { latestOf, noonMs, sampleAlert, sampleRetraining } from './sample-engine.js';
import { serve } from './serve.js';

const brisk: StreamLimits = { ...streamLimits, flushMs: 1, statusMs: 5, heartbeatMs: 5 };

interface Message {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** Reads a stream until a message passes, which the test's own time limit bounds. */
async function* messages(t: TestContext, url: string): AsyncGenerator<Message> {
  const abort = new AbortController();
  t.after(() => abort.abort());
  const response = await fetch(url, { signal: abort.signal });
  assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body!) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      const found = /^event: (\w+)\ndata: (.*)$/.exec(block);
      if (found !== null) yield { event: found[1]!, data: JSON.parse(found[2]!) };
      else if (block.startsWith(':')) yield { event: 'heartbeat', data: {} };
    }
  }
}

async function next(stream: AsyncGenerator<Message>, event: string): Promise<Message> {
  for (;;) {
    const { value, done } = await stream.next();
    assert.ok(!done, `the stream ended before ${event}`);
    if (value.event === event) return value;
  }
}

test('a changed key is streamed as it reads then', { timeout: 10_000 }, async (t) => {
  const { engine, server } = await serve(t, brisk);
  const stream = messages(t, `${server.url}/stream?events=features,status&view=user&key=5`);
  await next(stream, 'status');
  engine.vectors.set('5', latestOf(5, [1]));
  engine.vectors.set('6', latestOf(6, [1]));
  engine.emit({ kind: 'features', view: 'user', keys: [6, 5] });
  const first = await next(stream, 'features');
  assert.equal(first.data.key, 5);
  engine.vectors.set('5', latestOf(5, [2]));
  engine.vectors.set('5', latestOf(5, [3]));
  engine.emit({ kind: 'features', view: 'user', keys: [5, 5, 5] });
  const second = await next(stream, 'features');
  assert.equal((second.data.features as { clicks_1h: number }).clicks_1h, 3);
});

test('alerts, retraining events and scores are streamed, status at once', {
  timeout: 10_000,
}, async (t) => {
  const { engine, server } = await serve(t, brisk);
  const stream = messages(t, `${server.url}/stream`);
  const status = await next(stream, 'status');
  assert.equal(status.data.watermark_holder, 'interactions/0 idle for 41 s');
  assert.equal(status.data.events_per_second, 12.5);
  engine.emit({ kind: 'alert', alert: sampleAlert });
  const alert = await next(stream, 'alerts');
  assert.equal(alert.data.id, 'ranker-1/3');
  assert.equal(alert.data.ended, null);
  engine.emit({ kind: 'retraining', event: sampleRetraining });
  assert.equal((await next(stream, 'retraining')).data.strategy, 'sliding window');
  const score = {
    requestId: 'interactions/0/9',
    key: 5,
    model: 'ranker',
    version: '1',
    arm: 'champion',
    score: 0.75,
    timeMs: noonMs,
    position: { epoch: 0, n: 1 },
    inputs: { distance_km: 1.5 },
  };
  engine.emit({ kind: 'scores', scores: [score] });
  assert.deepEqual((await next(stream, 'scores')).data, {
    request_id: 'interactions/0/9',
    key: 5,
    model: 'ranker',
    version: '1',
    arm: 'champion',
    score: 0.75,
    time: '2024-01-15T12:00:00.000Z',
    position: { epoch: 0, n: 1 },
    inputs: { distance_km: 1.5 },
  });
  await next(stream, 'heartbeat');
});

test('keys beyond the waiting limit are skipped and counted', { timeout: 10_000 }, async (t) => {
  const { engine, metrics, server } = await serve(t, { ...brisk, changedKeysLimit: 10 });
  const stream = messages(t, `${server.url}/stream?events=features,status`);
  await next(stream, 'status');
  const keys = Array.from({ length: 25 }, (_, i) => i);
  for (const key of keys) engine.vectors.set(String(key), latestOf(key, [key]));
  engine.emit({ kind: 'features', view: 'user', keys });
  for (const key of keys.slice(0, 10)) {
    assert.equal((await next(stream, 'features')).data.key, key);
  }
  assert.match(await metrics.text(), /weir_stream_skipped_total\{event="features"\} 15\n/);
});

test('a client that does not read is dropped and counted, others stay', {
  timeout: 20_000,
}, async (t) => {
  const { engine, metrics, server } = await serve(t, { ...brisk, bufferBytesLimit: 1000 });
  const reader = messages(t, `${server.url}/stream?events=status`);
  await next(reader, 'status');
  const socket = connect(server.port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.on('error', () => undefined);
  socket.write('GET /stream?events=scores HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await once(socket, 'readable');
  const inputs = { text: 'x'.repeat(1 << 20) };
  const position = { epoch: 0, n: 1 };
  const score = { requestId: 'r', key: 1, model: 'm', version: '1', arm: 'champion', score: 1 };
  const dropped = async () => /weir_stream_dropped_clients_total 1\n/.test(await metrics.text());
  while (!(await dropped())) {
    engine.emit({ kind: 'scores', scores: [{ ...score, timeMs: noonMs, position, inputs }] });
    await next(reader, 'status');
  }
  assert.match(await metrics.text(), /weir_stream_clients 1\n/);
});

test('the engine is listened to only while someone is on the stream', {
  timeout: 10_000,
}, async (t) => {
  const { engine, server } = await serve(t, brisk);
  assert.equal(engine.listeners(), 0);
  const socket = connect(server.port, '127.0.0.1');
  socket.write('GET /stream HTTP/1.1\r\nhost: localhost\r\n\r\n');
  await once(socket, 'data');
  assert.equal(engine.listeners(), 1);
  socket.destroy();
  // The server hears of the closed socket some turns of the loop later.
  while (engine.listeners() > 0) await setImmediate();
});

test('closing the server ends the streams', { timeout: 10_000 }, async (t) => {
  const { server } = await serve(t, brisk);
  const stream = messages(t, `${server.url}/stream?events=status`);
  await next(stream, 'status');
  await server.close();
  for await (const message of stream) assert.ok(['status', 'heartbeat'].includes(message.event));
});

test('one client too many is asked to come back', async (t) => {
  const { server } = await serve(t, { ...brisk, clientsLimit: 1 });
  const stream = messages(t, `${server.url}/stream`);
  await next(stream, 'status');
  const refused = await fetch(`${server.url}/stream`);
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get('retry-after'), '10');
});
