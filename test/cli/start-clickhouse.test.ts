import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Clickhouse, createClickhouse } from '../../src/sinks/clickhouse/client.js';
import { startEmbedded } from '../../src/sinks/clickhouse/embedded/start-embedded.js';
import { skip } from '../sinks/clickhouse/with-embedded.js';
import { type Json, scratch, smallWorld, spawnWeir } from './started.js';
import { engineOf, latestOf } from './stopped-state.js';

const limit = { timeout: 300_000, skip };
const generator = { users: 150, places: 60, days: 6, events_per_day: 2_000 };

function world(data: string): object {
  return smallWorld(data, {
    generator,
    clickhouse: { mode: 'embedded' },
    snapshots: { every: '1s' },
  });
}

type Weir = ReturnType<typeof spawnWeir>;

/** A client of the ClickHouse that the engine has told of. */
async function clientOf(weir: Weir): Promise<Clickhouse> {
  const { url, database } = await weir.line(/^ClickHouse is ready/);
  return createClickhouse({ url: String(url), database: String(database) });
}

/** Tables that note when a row was written, and the column of event time. */
const writtenAt: Record<string, string> = { checks: 'period_end', alerts: 'time' };

/** Count and hash of every table's rows of before `untilMs`, without the time of writing. */
async function tablesOf(client: Clickhouse, untilMs: number): Promise<Record<string, unknown>> {
  const until = `fromUnixTimestamp64Milli(${untilMs}, 'UTC')`;
  const tables = await client.rows<{ name: string }>(
    `SELECT name FROM system.tables WHERE database = '${client.database}' AND engine LIKE '%Replacing%'`,
  );
  const found: Record<string, unknown> = {};
  for (const { name } of tables) {
    if (name === 'dead_letters' || name.includes('migration')) continue;
    const columns = name in writtenAt ? '* EXCEPT (written_at)' : '*';
    const time = writtenAt[name] ?? 'time';
    const [row] = await client.rows(
      `SELECT count() AS rows, toString(sum(cityHash64(toString(tuple(${columns}))))) AS hash
       FROM ${name} FINAL WHERE ${time} < ${until}`,
    );
    found[name] = row;
  }
  return found;
}

/** Between two looks at something that another process does. */
const aLittle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));

/** The tables that a stopped run left. */
async function tablesIn(data: string, untilMs: number): Promise<Record<string, unknown>> {
  const embedded = await startEmbedded({ directory: join(data, 'clickhouse') });
  const client = createClickhouse({ url: embedded.url, database: 'weir' });
  try {
    return await tablesOf(client, untilMs);
  } finally {
    await client.close();
    await embedded.close();
  }
}

/** The values of a metric's series, added up. */
function sumOf(metrics: string, series: RegExp): number {
  return [...metrics.matchAll(series)].reduce((sum, [, value]) => sum + Number(value), 0);
}

function childOf(weir: Weir): number {
  const pid = weir.child.pid!;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return Number(children[0]);
}

test(
  'killed ten times while it catches up, tables and vectors are those of an undisturbed run',
  limit,
  async () => {
    const startMs = Date.now();
    const calm = join(scratch(), 'calm');
    const hurried = join(scratch(), 'hurried');
    const undisturbed = spawnWeir(world(calm));
    await undisturbed.line(/^live/);
    assert.equal((await undisturbed.end('SIGINT')).code, 0);
    mkdirSync(hurried);
    for (const name of ['weir.json', 'world.json']) cpSync(join(calm, name), join(hurried, name));
    let seed = 20_260_101;
    for (let kill = 0; kill < 10; kill++) {
      const weir = spawnWeir(world(hurried));
      await weir.line(/^open/);
      seed = (seed * 48_271) % 2_147_483_647;
      const wanted = (kill + seed / 2_147_483_647) * 700;
      for (let taken = 0; taken < wanted; ) {
        await aLittle();
        const { body } = await weir.get('/metrics');
        taken = sumOf(String(body), /records_in_total\{topic="interactions",[^}]*\} (\d+)/g);
      }
      await weir.end('SIGKILL');
    }
    const last = spawnWeir(world(hurried));
    await last.line(/^live/);
    assert.equal((await last.end('SIGINT')).code, 0);
    const untilMs = Math.floor(startMs / 86_400_000) * 86_400_000;
    const expected = await tablesIn(calm, untilMs);
    assert.ok(Object.keys(expected).length >= 7, Object.keys(expected).join(', '));
    const { rows } = expected.vectors_user as { rows: number };
    assert.ok(rows > 5_000, `${rows} vectors of users`);
    assert.deepEqual(await tablesIn(hurried, untilMs), expected);
    const engines = [await engineOf(calm), await engineOf(hurried)] as const;
    // As of some minutes ago: keys with real-time events after that, which the runs took at other
    // moments, are left out.
    const atMs = startMs - 5 * 60_000;
    const [a, b] = engines.map((engine) => latestOf(engine, atMs));
    const quiet = (vector: Record<string, unknown> | undefined): boolean =>
      vector?.as_of === new Date(atMs).toISOString();
    let compared = 0;
    for (const [key, vector] of a!) {
      if (!quiet(vector) || !quiet(b!.get(key))) continue;
      assert.deepEqual(b!.get(key), vector, key);
      compared++;
    }
    assert.ok(compared > 100, `${compared} vectors were compared`);
    for (const engine of engines) engine.close();
  },
);

test(
  'ClickHouse killed under it is started again, /ready says so meanwhile, and no row is lost',
  limit,
  async () => {
    const data = join(scratch(), 'data');
    const weir = spawnWeir({ ...world(data), snapshots: { every: '1h' } });
    const client = await clientOf(weir);
    await weir.line(/^live/);
    process.kill(childOf(weir), 'SIGKILL');
    await weir.line(/^ClickHouse ended by itself/);
    const { status, body } = await weir.get('/ready');
    assert.equal(status, 503);
    assert.match(JSON.stringify(body), /ended by itself and is started again/);
    const user = JSON.stringify({
      user_id: 777_777,
      place_id: 1,
      event_type: 'view',
      timestamp: new Date().toISOString(),
      context: {},
    });
    assert.equal((await weir.post('interactions', user)).status, 200);
    while ((await weir.get('/ready')).status !== 200) await aLittle();
    const metrics = String((await weir.get('/metrics')).body);
    const counted = /records_total\{topic="interactions",[^}]*verdict="used"\} (\d+)/g;
    const used = sumOf(metrics, counted);
    assert.ok(used > 0);
    for (;;) {
      const [row] = await client.rows<{ n: number }>(
        'SELECT count() AS n FROM events_interactions FINAL',
      );
      if (row!.n >= used) break;
      await aLittle();
    }
    // Each table is written by itself: the vector may come a little later than its event.
    const vectors = "SELECT count() AS n FROM vectors_user FINAL WHERE key = '777777'";
    let written = 0;
    while (written === 0) {
      const [own] = await client.rows<{ n: number }>(vectors);
      written = own!.n;
      await aLittle();
    }
    assert.equal(written, 1);
    await client.close();
    assert.equal((await weir.end('SIGINT')).code, 0);
    assert.ok(readdirSync(join(data, 'snapshots')).length > 0);
  },
);

test(
  'with a ClickHouse that hangs a posted line is answered, and a second signal ends at once',
  limit,
  async () => {
    const weir = spawnWeir(world(join(scratch(), 'data')));
    await weir.line(/^live/);
    await weir.line(/^ClickHouse is ready/);
    const child = childOf(weir);
    process.kill(child, 'SIGSTOP');
    const line = (i: number): string =>
      JSON.stringify({
        user_id: i,
        place_id: i,
        event_type: 'view',
        timestamp: new Date().toISOString(),
        context: {},
      });
    const { status, body } = await weir.post('interactions', line(1));
    assert.equal(status, 200);
    assert.deepEqual((body as { counts: Json }).counts, { used: 1 });
    weir.child.kill('SIGTERM');
    await weir.line(/^stopping/);
    weir.child.kill('SIGTERM');
    assert.equal((await weir.exit).code, 143);
    process.kill(child, 'SIGKILL');
  },
);
