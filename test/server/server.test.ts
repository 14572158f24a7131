import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { WeirError } from '../../src/errors.js';
import { createServer } from '../../src/server/server.js';
import { createLog } from '../../src/telemetry/log.js';
import { createMetrics } from '../../src/telemetry/metrics.js';
import { latestOf, noonMs, sampleEngine } from './sample-engine.js';
import { serve } from './serve.js';

const ndjson = { 'content-type': 'application/x-ndjson' };

async function errorOf(response: Response): Promise<{ code: string; message: string }> {
  assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  assert.deepEqual(Object.keys(error).sort(), ['code', 'message']);
  assert.doesNotMatch(error.message, /\bat .*:\d+:\d+/, 'no stack trace');
  return error;
}

/** Sends bytes as they are and takes all that comes back until the other side closes. */
async function rawExchange(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.write(request);
  await once(socket, 'close');
  return text;
}

test('a key answers with its features, times as ISO 8601 with milliseconds, nulls kept', async (t) => {
  const { engine, server } = await serve(t);
  const values = [1, 5, null, noonMs - 1, [1, 0, 2], [['italian', 3]]] as const;
  engine.vectors.set('12345', latestOf(12345, values));
  const response = await fetch(`${server.url}/features/user/12345`);
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), {
    view: 'user',
    key: 12345,
    as_of: '2024-01-15T12:00:00.000Z',
    valid_until: '2024-01-15T12:01:00.000Z',
    features: {
      clicks_1h: 1,
      clicks_24h: 5,
      avg_rating_given: null,
      last_activity: '2024-01-15T11:59:59.999Z',
      busy_hours: [1, 0, 2],
      visited_categories: [['italian', 3]],
    },
  });
});

test('an unknown view and an unknown key are told apart', async (t) => {
  const { server } = await serve(t);
  const view = await fetch(`${server.url}/features/usr/1`);
  assert.equal(view.status, 404);
  assert.deepEqual(await errorOf(view), {
    code: 'unknown-view',
    message: 'there is no view "usr"; the views are user',
  });
  const key = await fetch(`${server.url}/features/user/1`);
  assert.equal(key.status, 404);
  assert.deepEqual(await errorOf(key), {
    code: 'unknown-key',
    message: 'view "user" holds nothing for key "1": no event with this key has been used yet',
  });
});

test('a key may hold any text when it is percent-encoded', async (t) => {
  const { engine, server } = await serve(t);
  for (const key of ['a/b', 'Café №7', '..', '%', '?x=1', '__proto__']) {
    engine.vectors.set(key, latestOf(key, []));
    const encoded = encodeURIComponent(key).replaceAll('.', '%2E');
    const exchange = await rawExchange(
      server.port,
      `GET /features/user/${encoded} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`,
    );
    assert.match(exchange, /^HTTP\/1\.1 200 /, key);
    const body = JSON.parse(exchange.slice(exchange.indexOf('\r\n\r\n'))) as { key: string };
    assert.equal(body.key, key);
  }
});

test('many keys answer together, missing ones by name', async (t) => {
  const { engine, server } = await serve(t);
  engine.vectors.set('1', latestOf(1, [1]));
  const post = (body: string) =>
    fetch(`${server.url}/features/user`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
  const answer = (await (await post('{"keys":[1,"nobody"]}')).json()) as {
    found: { key: number }[];
    missing: string[];
  };
  assert.deepEqual(
    answer.found.map(({ key }) => key),
    [1],
  );
  assert.deepEqual(answer.missing, ['nobody']);
  for (const bad of [
    '',
    '{',
    '[]',
    '{"keys":[]}',
    '{"keys":[9007199254740993]}',
    '{"keys":[{}]}',
  ]) {
    const refused = await post(bad);
    assert.equal(refused.status, 400, bad);
    assert.equal((await errorOf(refused)).code, 'bad-body');
  }
});

test('hostile requests get a clear JSON error and nothing of the inside', async (t) => {
  const { server } = await serve(t);
  const cases: [string, RequestInit, number, string][] = [
    ['/features/user/%E0%A4%A', {}, 400, 'bad-request'],
    [`/features/user/${'k'.repeat(1025)}`, {}, 400, 'bad-key'],
    ['/features/user/', {}, 400, 'bad-key'],
    [`/features/user/${'k'.repeat(20_000)}`, {}, 431, 'headers-too-large'],
    ['/features/user/1', { method: 'DELETE' }, 405, 'wrong-method'],
    ['/events/interactions', {}, 405, 'wrong-method'],
    ['/events/interactions', { method: 'PUT', body: '{}' }, 405, 'wrong-method'],
    ['/events/nope', { method: 'POST', headers: ndjson, body: '{}' }, 404, 'unknown-topic'],
    ['/events/interactions', { method: 'POST', body: '{}' }, 415, 'wrong-content-type'],
    ['/events/interactions', { method: 'POST', headers: ndjson }, 400, 'no-events'],
    ['/nothing/here', {}, 404, 'not-found'],
    ['/page/../../package.json', {}, 404, 'not-found'],
    ['/page/%2e%2e%2fserver.ts', {}, 404, 'not-found'],
    ['/stream?events=gossip', {}, 400, 'unknown-event'],
    ['/stream?view=nope', {}, 404, 'unknown-view'],
  ];
  for (const [path, init, status, code] of cases) {
    const response = await fetch(`${server.url}${path}`, init);
    assert.equal(response.status, status, `${init.method ?? 'GET'} ${path.slice(0, 60)}`);
    assert.equal((await errorOf(response)).code, code, path.slice(0, 60));
  }
  assert.match(await rawExchange(server.port, 'nonsense\r\n\r\n'), /^HTTP\/1\.1 400 .*"error"/s);
});

test('a wrong method names the right ones', async (t) => {
  const { server } = await serve(t);
  const response = await fetch(`${server.url}/health`, { method: 'POST', body: 'x' });
  assert.equal(response.status, 405);
  assert.equal(response.headers.get('allow'), 'GET, HEAD');
  assert.equal((await fetch(`${server.url}/health`, { method: 'HEAD' })).status, 200);
});

test('every line of events gets its verdict, in order, empty lines included', async (t) => {
  const { engine, server } = await serve(t);
  engine.answer = (lines) => ({
    ok: true,
    verdicts: lines.map((line) =>
      line.startsWith('{')
        ? { verdict: 'used', reason: '' }
        : { verdict: 'invalid', reason: 'not a JSON object' },
    ),
  });
  const response = await fetch(`${server.url}/events/interactions`, {
    method: 'POST',
    headers: ndjson,
    body: '{"a":1}\r\n\noops\n{"b":"é"}\n',
  });
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), {
    topic: 'interactions',
    in: 4,
    counts: { used: 2, invalid: 2 },
    lines: [
      { line: 1, verdict: 'used' },
      { line: 2, verdict: 'invalid', reason: 'not a JSON object' },
      { line: 3, verdict: 'invalid', reason: 'not a JSON object' },
      { line: 4, verdict: 'used' },
    ],
  });
  assert.deepEqual(engine.taken, [
    { topic: 'interactions', lines: ['{"a":1}', '', 'oops', '{"b":"é"}'] },
  ]);
});

test('events that are too large or not UTF-8 are refused whole, with the remedy', async (t) => {
  const { engine, server } = await serve(t);
  const post = (body: Buffer) =>
    fetch(`${server.url}/events/interactions`, { method: 'POST', headers: ndjson, body });
  const large = await post(Buffer.alloc((8 << 20) + 1, 'x'));
  assert.equal(large.status, 413);
  assert.match((await errorOf(large)).message, /more than 8 MiB.*several requests/);
  const many = await post(Buffer.alloc(100_001, '\n'));
  assert.equal(many.status, 413);
  assert.match((await errorOf(many)).message, /100000 lines.*several requests/);
  const broken = await post(Buffer.from([0x7b, 0xff, 0x7d]));
  assert.equal(broken.status, 400);
  assert.equal((await errorOf(broken)).code, 'not-utf8');
  assert.deepEqual(engine.taken, []);
  assert.equal((await post(Buffer.alloc(8 << 20, 'x'))).status, 200);
});

test('a full engine asks to wait, a stopping one says so', async (t) => {
  const { engine, server } = await serve(t);
  const post = () =>
    fetch(`${server.url}/events/interactions`, { method: 'POST', headers: ndjson, body: '{}' });
  engine.answer = () => ({ ok: false, reason: 'full', why: 'it is full', retryAfterMs: 1500 });
  const full = await post();
  assert.equal(full.status, 429);
  assert.equal(full.headers.get('retry-after'), '2');
  assert.deepEqual(await errorOf(full), { code: 'full', message: 'it is full' });
  engine.answer = () => ({ ok: false, reason: 'unavailable', why: 'stopping', retryAfterMs: 1 });
  const stopping = await post();
  assert.equal(stopping.status, 503);
  assert.equal(stopping.headers.get('retry-after'), '1');
});

test('ready says which part is not ready and why, health stays', async (t) => {
  const { engine, server } = await serve(t);
  assert.equal((await fetch(`${server.url}/ready`)).status, 200);
  engine.parts = [
    { name: 'online store', ready: true, why: '' },
    { name: 'clickhouse', ready: false, why: 'still starting' },
  ];
  const response = await fetch(`${server.url}/ready`);
  assert.equal(response.status, 503);
  const body = (await response.json()) as { status: string; why: string };
  assert.equal(body.status, 'not-ready');
  assert.equal(body.why, 'clickhouse: still starting');
  assert.equal((await fetch(`${server.url}/health`)).status, 200);
});

test('a vector that time has outrun says so, among others too', async (t) => {
  const { engine, server } = await serve(t);
  engine.vectors.set('1', latestOf(1, [1, 2, null, noonMs, [], []]));
  engine.vectors.set('2', latestOf(2, [1, 2, null, noonMs, [], []]));
  engine.stale.add('2');
  const one = async (key: string) =>
    (await (await fetch(`${server.url}/features/user/${key}`)).json()) as { stale?: boolean };
  assert.equal((await one('1')).stale, undefined);
  assert.equal((await one('2')).stale, true);
  const many = await fetch(`${server.url}/features/user`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ keys: [1, 2, 3] }),
  });
  const { found, missing } = (await many.json()) as { found: object[]; missing: string[] };
  assert.deepEqual(
    found.map((vector) => 'stale' in vector),
    [false, true],
  );
  assert.deepEqual(missing, ['3']);
});

test('a store that cannot be asked is 503 with the reason, not an unknown key', async (t) => {
  const { engine, server } = await serve(t);
  engine.feature = async () => ({ kind: 'unavailable', why: 'Redis cannot be asked now: gone' });
  const response = await fetch(`${server.url}/features/user/1`);
  assert.equal(response.status, 503);
  assert.equal(response.headers.get('retry-after'), '1');
  const error = await errorOf(response);
  assert.deepEqual(error, { code: 'unavailable', message: 'Redis cannot be asked now: gone' });
});

test('a fault inside is logged and not shown', async (t) => {
  const { engine, server, logged } = await serve(t);
  engine.feature = () => {
    throw new Error('secret inside');
  };
  const response = await fetch(`${server.url}/features/user/1`);
  assert.equal(response.status, 500);
  const error = await errorOf(response);
  assert.equal(error.code, 'internal');
  assert.doesNotMatch(error.message, /secret/);
  assert.match(logged.join(''), /a request failed.*secret inside/);
});

test('a taken port is one clear error that names it and the remedy', async (t) => {
  const { server } = await serve(t);
  const options = { engine: sampleEngine(), metrics: createMetrics(), log: createLog() };
  await assert.rejects(createServer({ ...options, port: server.port }), (error) => {
    assert.ok(error instanceof WeirError);
    assert.equal(error.code, 'port-taken');
    for (const part of [String(server.port), '--port', 'server.port', 'WEIR_SERVER_PORT']) {
      assert.ok(error.message.includes(part), part);
    }
    return true;
  });
});

test('every answer carries the security headers, refusals too', async (t) => {
  const { server } = await serve(t);
  for (const path of ['/', '/health', '/nothing', '/features/user/%E0%A4%A', '/page/page.js']) {
    const { headers } = await fetch(`${server.url}${path}`);
    const policy = headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/, path);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/, path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
    assert.equal(headers.get('access-control-allow-origin'), null, path);
  }
});

test('foreign pages cannot use a local server', async (t) => {
  const { engine, server } = await serve(t);
  const ask = (headers: string) =>
    rawExchange(server.port, `GET /health HTTP/1.1\r\n${headers}\r\nconnection: close\r\n\r\n`);
  assert.match(await ask('host: evil.example'), /^HTTP\/1\.1 403 .*foreign-host/s);
  assert.match(await ask('host: localhost:1234'), /^HTTP\/1\.1 200 /);
  assert.match(
    await ask(`host: localhost\r\norigin: http://evil.example`),
    /^HTTP\/1\.1 403 .*foreign-origin/s,
  );
  assert.match(await ask('host: localhost\r\norigin: null'), /^HTTP\/1\.1 403 /);
  assert.match(await ask('host: localhost:9\r\norigin: http://localhost:9'), /^HTTP\/1\.1 200 /);
  assert.deepEqual(engine.taken, []);
});

test('an unchanged asset is not sent again', async (t) => {
  const { server } = await serve(t);
  const first = await fetch(`${server.url}/page/uplot.js`);
  assert.equal(first.status, 200);
  const etag = first.headers.get('etag') ?? '';
  const again = await fetch(`${server.url}/page/uplot.js`, { headers: { 'if-none-match': etag } });
  assert.equal(again.status, 304);
});

test('metrics tell the account as the engine holds it', async (t) => {
  const { server } = await serve(t);
  const response = await fetch(`${server.url}/metrics`);
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  for (const line of [
    'weir_records_in_total{topic="interactions",partition="0"} 10',
    'weir_records_total{topic="interactions",partition="0",verdict="used"} 6',
    'weir_records_total{topic="interactions",partition="0",verdict="invalid"} 2',
    'weir_watermark_holder{topic="interactions",partition="0"} 1',
    'weir_entities{view="user"} 1',
    'weir_catching_up 0',
    `weir_watermark_timestamp_seconds{topic="interactions"} ${noonMs / 1000}`,
  ]) {
    assert.ok(text.includes(`\n${line}\n`), line);
  }
});
