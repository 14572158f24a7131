import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type StartedClickhouse, startClickhouse } from '../../src/cli/start-clickhouse.js';
import { j1 } from '../../src/pipelines/j1.js';
import { pipeline } from '../../src/streams/pipeline.js';
import { createLog } from '../../src/telemetry/log.js';
import { skip, withEmbedded } from '../sinks/clickhouse/with-embedded.js';

const limit = { timeout: 120_000 };
const plain = pipeline({ name: 'plain', views: [j1] });
const log = createLog({ write: () => undefined });

function start(url: string): StartedClickhouse {
  const limits = { batchRows: 10_000, batchBytes: 8 * 1024 * 1024, batchAgeMs: 100 };
  const user = { username: 'default', password: null };
  const place = {
    mode: 'server',
    url,
    database: 'weir',
    cluster: null,
    replicated: false,
  } as const;
  return startClickhouse({ ...place, ...user, ...limits }, '/nowhere', plain, log)!; // not off
}

/** Until the part is not ready for a reason of the wanted form. */
async function reason(started: StartedClickhouse, wanted: RegExp): Promise<string> {
  for (;;) {
    const { ready, why } = started.part();
    if (!ready && wanted.test(why)) return why;
    await delay(50);
  }
}

/** A TCP server that passes on what it is sent, until it hangs: it accepts and never answers. */
async function hangingServer(target: URL | null) {
  const state = { hangs: target === null };
  const server = createServer((client) => {
    client.on('error', () => undefined);
    if (target === null) return;
    const upstream = connect(Number(target.port), target.hostname);
    upstream.on('error', () => undefined).on('close', () => client.destroy());
    client.on('close', () => upstream.destroy());
    client.on('data', (chunk) => void (state.hangs || upstream.write(chunk)));
    upstream.on('data', (chunk) => void (state.hangs || client.write(chunk)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // listening on TCP
  return { state, url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

test('a server that hangs from the start is told of within seconds', limit, async () => {
  const server = await hangingServer(null);
  const started = start(server.url);
  const why = await reason(started, /does not answer/);
  assert.ok(why.includes(server.url), why);
  await started.close();
  server.close();
});

test('a server that hangs under inserts is told of long before they end', {
  ...limit,
  skip,
}, async () => {
  const running = await withEmbedded();
  const server = await hangingServer(new URL(running.embedded.url));
  const started = start(server.url);
  await started.ready;
  assert.deepEqual(started.part(), { name: 'clickhouse', ready: true, why: '' });
  server.state.hangs = true;
  const letter = {
    topic: 't',
    partition: 0,
    offset: 1,
    reason: 'late',
    detail: '',
    raw: '',
  } as const;
  await started.sink.deadLetters([letter]);
  const why = await reason(started, /has not answered/);
  assert.match(why, /^dead_letters: http:\S+ has not answered an insert for \d+ s$/);
  const stuck = started.sink.state().find(({ table }) => table === 'dead_letters');
  assert.equal(stuck?.retries, 0); // the request itself has not ended
  await started.close();
  server.close();
  await running.end();
});
