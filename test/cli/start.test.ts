import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { accountOf, finalWatermarkMs } from '../../src/streams/account.js';
import { smallDisk } from '../streams/storage/scratch.js';
import { type Json, scratch, smallWorld, spawnWeir } from './started.js';
import { engineOf, latestOf, replayedLatest } from './stopped-state.js';

const limit = { timeout: 60_000 };

function interaction(user: number, timeMs: number, type = 'view'): string {
  return JSON.stringify({
    user_id: user,
    place_id: 1,
    event_type: type,
    timestamp: new Date(timeMs).toISOString(),
    context: {},
  });
}

function field(body: Json, ...path: string[]): Json {
  let at = body;
  for (const name of path) at = (at as Record<string, Json>)[name];
  return at;
}

test(
  'weir start catches up, answers, stops on SIGINT with what a replay makes of the same records',
  limit,
  async () => {
    const data = join(scratch(), 'data');
    const weir = spawnWeir(smallWorld(data));
    await weir.line(/^live/);
    const ready = await weir.get('/ready');
    assert.equal(ready.status, 200, JSON.stringify(ready.body));
    assert.deepEqual(await weir.end('SIGINT').then(({ code }) => code), 0);
    const engine = await engineOf(data);
    const { cursors } = engine.position;
    const { latest, accounts } = await replayedLatest(data, cursors, scratch());
    for (const { topic } of engine.settings.pipeline.topics)
      assert.deepEqual(accountOf(topic, cursors), accounts[topic]);
    const atMs = finalWatermarkMs('interactions', cursors, 60_000);
    const own = latestOf(engine, atMs);
    engine.close();
    assert.ok(latest.size > 100, 'users and places');
    assert.deepEqual([...own.keys()].sort(), [...latest.keys()].sort());
    for (const [key, vector] of latest) assert.deepEqual(own.get(key), vector, key);
  },
);

test(
  'it goes on where SIGTERM stopped it: posted lines, offsets and account have no gap and no double',
  limit,
  async () => {
    const data = join(scratch(), 'data');
    const settings = smallWorld(data);
    const first = spawnWeir(settings);
    await first.line(/^live/);
    const nowMs = Date.now();
    const posted = await first.post('interactions', interaction(777_777, nowMs), 'broken', '');
    assert.deepEqual(field(posted.body, 'counts'), { used: 1, invalid: 2 });
    assert.equal((await first.end('SIGTERM')).code, 0);
    const before = await engineOf(data);
    const cursors = before.position.cursors;
    before.close();
    const second = spawnWeir(settings);
    await second.line(/^live/);
    const user = await second.get('/features/user/777777');
    assert.equal(field(user.body, 'features', 'views_1h'), 1);
    await second.post('interactions', interaction(777_777, nowMs + 1));
    assert.equal((await second.end('SIGINT')).code, 0);
    const after = await engineOf(data);
    const was = accountOf('interactions', cursors);
    const is = accountOf('interactions', after.position.cursors);
    assert.equal(is.duplicate, 0);
    assert.ok(is.in > was.in && is.in < was.in + 50, `${was.in} records, then ${is.in}`);
    const { latest, accounts } = await replayedLatest(data, after.position.cursors, scratch());
    assert.equal(
      accounts.interactions !== undefined && is.in,
      (accounts.interactions as { in: number }).in + 4,
    );
    assert.equal(latestOf(after, nowMs).size, latest.size + 2, 'the posted user and its place');
    after.close();
  },
);

test('lines that were answered survive kill -9', limit, async () => {
  const data = join(scratch(), 'data');
  const settings = smallWorld(data);
  const first = spawnWeir(settings);
  await first.line(/^live/);
  const lines = Array.from({ length: 700 }, (_, i) =>
    interaction(777_777, Date.now() + i, 'click'),
  );
  assert.equal((await first.post('interactions', ...lines)).status, 200);
  assert.equal((await first.end('SIGKILL')).signal, 'SIGKILL');
  const second = spawnWeir(settings);
  await second.line(/^live/);
  const user = await second.get('/features/user/777777');
  assert.equal(field(user.body, 'features', 'clicks_24h'), 700);
  assert.equal((await second.end('SIGINT')).code, 0);
});

test('a second signal ends it at once, and the start after it goes on', limit, async () => {
  const data = join(scratch(), 'data');
  const days = { generator: { users: 500, places: 100, days: 60 } };
  const first = spawnWeir(smallWorld(data, days));
  await first.line(/^open/);
  first.child.kill('SIGINT');
  await first.line(/^stopping/).catch(() => undefined); // ended by the first one, before it ran
  first.child.kill('SIGINT');
  const { code } = await first.exit;
  assert.ok(code === 130 || code === 0 || code === null, `exit code ${code}`);
  const second = spawnWeir(smallWorld(data, days));
  await second.line(/^open/);
  assert.equal((await second.get('/health')).status, 200, 'it answers while it catches up');
  assert.equal((await second.get('/ready')).status, 503);
  await second.end('SIGKILL');
});

test(
  'other settings of the world, a held directory and a taken port are refused in one sentence',
  limit,
  async (t) => {
    const data = join(scratch(), 'data');
    const running = spawnWeir(smallWorld(data));
    await running.line(/^live/);
    const held = await spawnWeir(smallWorld(data)).exit;
    assert.equal(held.code, 1);
    assert.match(held.stderr, /^weir: [^\n]*in use by process \d+[^\n]*\n$/);
    await running.end('SIGINT');
    const changed = await spawnWeir(
      smallWorld(data, { generator: { users: 100, places: 50, days: 5, events_per_day: 1_200 } }),
      ['start', '--reset'],
    ).exit;
    assert.equal(changed.code, 1);
    assert.match(changed.stderr, /^weir: [^\n]*another generated world[^\n]*--data[^\n]*\n$/);
    const taken = createServer().listen(0, '127.0.0.1');
    t.after(() => taken.close());
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    const other = spawnWeir(smallWorld(join(scratch(), 'data'), { server: { port } }));
    const { code, stderr } = await other.exit;
    assert.equal(code, 1);
    assert.match(stderr, /^weir: [^\n]*port \d+[^\n]*--port[^\n]*\n$/);
    // What was refused has changed nothing.
    const again = spawnWeir(smallWorld(data));
    await again.line(/^live/);
    const { body } = await again.get('/metrics');
    assert.match(
      String(body),
      /weir_records_total\{topic="interactions",partition="0",verdict="duplicate"\} 0/,
    );
    assert.equal((await again.end('SIGINT')).code, 0);
  },
);

test('without chdb it says so and runs; where it must be embedded it refuses', limit, async () => {
  const hide = join(scratch(), 'hide.cjs');
  writeFileSync(
    hide,
    `const m = require('node:module'); const find = m._resolveFilename;
     m._resolveFilename = (name, ...rest) => {
       if (name.includes('chdb')) throw new Error('not here');
       return find.call(m, name, ...rest);
     };`,
  );
  const env = { NODE_OPTIONS: `--require ${hide}` };
  const auto = smallWorld(join(scratch(), 'data'), { clickhouse: { mode: 'auto' } });
  const weir = spawnWeir(auto, ['start'], env);
  await weir.line(/^live/);
  const { message, level } = await weir.line(/^analytics are off/);
  assert.equal(level, 'warn');
  assert.match(message, /npm install --include=optional/);
  assert.equal((await weir.get('/ready')).status, 200);
  assert.equal((await weir.end('SIGINT')).code, 0);
  const must = smallWorld(join(scratch(), 'data'), { clickhouse: { mode: 'embedded' } });
  const { code, stderr } = await spawnWeir(must, ['start'], env).exit;
  assert.equal(code, 1);
  assert.match(stderr, /weir: [^\n]*chdb is not installed[^\n]*\n$/);
});

test(
  'a full disk ends it with one sentence, and after space is made it goes on',
  limit,
  async (t) => {
    const disk = smallDisk(t, 24 * 1024);
    if (disk === undefined) return t.skip('mounting a tmpfs is not permitted here');
    const data = join(disk, 'data');
    const ballast = join(disk, 'ballast');
    writeFileSync(ballast, Buffer.alloc(22 * 1024 * 1024));
    const settings = smallWorld(data);
    const { code, stderr } = await spawnWeir(settings).exit;
    assert.equal(code, 1);
    assert.match(stderr, /weir: no space left [^\n]*restart\n$/);
    writeFileSync(ballast, '');
    const second = spawnWeir(settings);
    await second.line(/^live/);
    assert.equal((await second.end('SIGINT')).code, 0);
    const engine = await engineOf(data);
    const { accounts } = await replayedLatest(data, engine.position.cursors, scratch());
    assert.deepEqual(accountOf('interactions', engine.position.cursors), accounts.interactions);
    engine.close();
    assert.ok(readFileSync(join(data, 'world.json'), 'utf8').length > 0);
  },
);
