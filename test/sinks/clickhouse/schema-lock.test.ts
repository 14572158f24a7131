import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { type Running, skip, withEmbedded } from './with-embedded.js';

const built = (file: string): string =>
  JSON.stringify(new URL(`../../../src/sinks/clickhouse/${file}.js`, import.meta.url).href);
const shapes = JSON.stringify(new URL('./shapes.js', import.meta.url).href);

/** Runs `body` in a process of its own; what it prints comes line by line. */
function run(url: string, database: string, body: string) {
  const program = `
    const { createClickhouse } = await import(${built('client')});
    const { underSchemaLock } = await import(${built('schema-lock')});
    const { migrate } = await import(${built('migrations')});
    const { prepareTables } = await import(${built('prepare-tables')});
    const { user, interactions, context } = await import(${shapes});
    const settings = { staleSeconds: 2, renewMs: 500, pollMs: 20 };
    const say = (value) => console.log(JSON.stringify(value));
    const client = createClickhouse({ url: '${url}', database: '${database}' });
    ${body}
    await client.close();
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { child, next: async (): Promise<unknown> => JSON.parse((await lines.next()).value) };
}

const exitOf = async (child: ChildProcess): Promise<number> =>
  child.exitCode ?? (await once(child, 'exit'))[0];

interface Turn {
  readonly applied: readonly string[];
  readonly from: number;
  readonly to: number;
}

const takeTurn = `
  say(await underSchemaLock(client, async () => {
    const from = Date.now();
    const applied = await migrate(client);
    return { applied, from, to: Date.now() };
  }, settings));`;

describe('the schema lock', { skip }, () => {
  let running: Running;
  before(async () => {
    running = await withEmbedded();
  });
  after(() => running.end());

  it('lets one of five processes migrate, the others after it, one at a time', async () => {
    const client = running.client('five');
    await client.command('CREATE DATABASE five');
    const { url } = running.embedded;
    const processes = Array.from({ length: 5 }, () => run(url, 'five', takeTurn));
    const turns = (await Promise.all(processes.map(({ next }) => next()))) as Turn[]; // as printed
    for (const { child } of processes) assert.equal(await exitOf(child), 0);
    turns.sort((a, b) => a.from - b.from);
    assert.deepEqual(
      turns.map(({ applied }) => applied.length > 0),
      [true, false, false, false, false],
    );
    for (const [i, turn] of turns.entries()) {
      const before = turns[i - 1];
      assert.ok(before === undefined || turn.from >= before.to, JSON.stringify(turns));
    }
    const history = 'SELECT count() AS n, uniqExact(number) AS numbers FROM schema_migrations';
    const [row] = await client.rows<{ n: number; numbers: number }>(history);
    assert.equal(row?.n, row?.numbers);
    const locks = "SELECT comment FROM system.tables WHERE database = 'five' AND engine = 'Null'";
    assert.deepEqual(await client.rows(locks), [{ comment: 'free' }]);
  });

  it('is taken over from a process that was killed with it', async () => {
    const client = running.client('killed');
    await client.command('CREATE DATABASE killed');
    const { url } = running.embedded;
    const holder = run(
      url,
      'killed',
      "await underSchemaLock(client, () => { say('held'); return new Promise(() => undefined); }, settings);",
    );
    assert.equal(await holder.next(), 'held');
    const others = Array.from({ length: 4 }, () => run(url, 'killed', takeTurn));
    holder.child.kill('SIGKILL');
    const turns = (await Promise.all(others.map(({ next }) => next()))) as Turn[]; // as printed
    assert.equal(turns.filter(({ applied }) => applied.length > 0).length, 1);
    for (const { child } of others) assert.equal(await exitOf(child), 0);
  });

  it('stays with a process that is alive and slow', async () => {
    const client = running.client('slow');
    await client.command('CREATE DATABASE slow');
    const { url } = running.embedded;
    const slow = run(
      url,
      'slow',
      `await underSchemaLock(client, async () => {
        say('held');
        const until = "SELECT count() AS n FROM system.tables WHERE database = 'slow' AND name = 'go_on'";
        while ((await client.rows(until))[0].n === 0) await new Promise((done) => setTimeout(done, 50));
        say(Date.now());
      }, settings);`,
    );
    assert.equal(await slow.next(), 'held');
    const other = run(url, 'slow', takeTurn);
    const renewals =
      "SELECT metadata_modification_time AS t FROM system.tables WHERE database = 'slow' AND name = 'schema_lock_1'";
    const times = new Set<string>();
    while (times.size < 5) times.add((await client.rows<{ t: string }>(renewals))[0]!.t); // > 2 s
    await client.command('CREATE TABLE go_on (x UInt8) ENGINE = Null');
    const done = Number(await slow.next());
    const turn = (await other.next()) as Turn; // as printed
    assert.ok(turn.from >= done);
    for (const { child } of [slow, other]) assert.equal(await exitOf(child), 0);
  });

  it('lets five processes prepare all tables at once', async () => {
    const { url } = running.embedded;
    const body = "await prepareTables(client, [user], [interactions, context]); say('prepared');";
    const processes = Array.from({ length: 5 }, () => run(url, 'prepared', body));
    for (const { child, next } of processes) {
      assert.equal(await next(), 'prepared');
      assert.equal(await exitOf(child), 0);
    }
  });
});
