import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createClickhouse } from '../../../src/sinks/clickhouse/client.js';
import { dataCodes } from '../../../src/sinks/clickhouse/data-codes.js';
import { prepareTables } from '../../../src/sinks/clickhouse/prepare-tables.js';
import { interactions, user } from './shapes.js';

/** Debian's own, 18.16: no server of the tests' set. */
const url = process.env.WEIR_TEST_CLICKHOUSE_OLD ?? '';
const reason = 'needs an old ClickHouse: WEIR_TEST_CLICKHOUSE_OLD tells where Debian’s runs';

describe('a server that is too old', url === '' ? { skip: reason } : {}, () => {
  it('is refused with both versions and what to do, before anything is made', async () => {
    const client = createClickhouse({ url, database: `clickhouse_${process.pid}` });
    assert.match(await client.version(), /^18\.16\./);
    await assert.rejects(prepareTables(client, [user], [interactions]), {
      code: 'clickhouse-too-old',
      message: /expected ClickHouse 24\.8 or newer at http.*, found 18\.16\..*; upgrade the server/,
    });
    const system = createClickhouse({ url, database: 'system' });
    const made = `SELECT name FROM databases WHERE name = 'clickhouse_${process.pid}'`;
    assert.deepEqual(await system.rows(made), []);
    await system.close();
    await client.close();
  });

  it('takes statements and gives rows over the wire; its errors and blocks of rows do not fit', async () => {
    const database = `clickhouse_wire_${process.pid}`;
    const client = createClickhouse({ url, database, gzip: true });
    assert.equal(await client.ping(), true);
    await client.command(`CREATE DATABASE ${database}`);
    await client.command('CREATE TABLE t (a UInt64, b String) ENGINE = Memory');
    await client.command("INSERT INTO t VALUES (1, 'x'), (2, 'y')");
    assert.deepEqual(await client.rows('SELECT * FROM t ORDER BY a'), [
      { a: 1, b: 'x' },
      { a: 2, b: 'y' },
    ]);
    const seen: unknown[] = [];
    for await (const rows of client.chunks('SELECT a FROM t ORDER BY a')) seen.push(...rows);
    assert.deepEqual(seen, [{ a: 1 }, { a: 2 }]);
    // The client does not read the code out of the text of such an error: it passes for no answer.
    await assert.rejects(client.rows('SELECT * FROM nowhere'), { message: /answer: Code: 60/ });
    const columns = [{ name: 'a', type: 'UInt8' }];
    const block = { table: 't', columns, body: Buffer.of(3), token: 'one' };
    // Settings of the insert are unknown there.
    await assert.rejects(client.insert(block), { message: /answer: Code: 115/ });
    await client.command(`DROP DATABASE ${database}`);
    await client.close();
  });
});

describe('codes that say that a row is wrong', () => {
  it('are none of those by which a server asks to wait', () => {
    // MEMORY_LIMIT_EXCEEDED, TABLE_IS_READ_ONLY, TOO_MANY_PARTS, READONLY, NOT_ENOUGH_SPACE,
    // TIMEOUT_EXCEEDED, TOO_MANY_SIMULTANEOUS_QUERIES, UNKNOWN_TABLE, KEEPER_EXCEPTION
    for (const code of [241, 242, 252, 164, 243, 159, 202, 60, 999]) {
      assert.equal(dataCodes.has(code), false, String(code));
    }
  });
});
