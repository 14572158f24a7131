import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { WeirError } from '../../../src/errors.js';
import { clickhouseCode } from '../../../src/sinks/clickhouse/client.js';
import { embeddedAvailable } from '../../../src/sinks/clickhouse/embedded/embedded-available.js';
import { startEmbedded } from '../../../src/sinks/clickhouse/embedded/start-embedded.js';
import { type Running, skip, withEmbedded } from './with-embedded.js';

const startModule = new URL(
  '../../../src/sinks/clickhouse/embedded/start-embedded.js',
  import.meta.url,
);

describe('embeddedAvailable', () => {
  it('says how to get chdb where it is not installed', () => {
    const found = embeddedAvailable(() => {
      throw new Error('not found');
    }, 'linux-x64');
    assert.ok(!found.available && found.reason.includes('npm install --include=optional'));
  });

  it('says that there is no build for the machine where there is none', () => {
    const found = embeddedAvailable(() => '', 'win32-x64');
    assert.ok(!found.available && found.reason.includes('no build for win32-x64'));
  });
});

describe('the embedded ClickHouse', { skip }, () => {
  let running: Running;
  before(async () => {
    running = await withEmbedded();
  });
  after(() => running.end());

  const post = (query: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${running.embedded.url}/?${query}`, { method: 'POST', ...init });

  it('answers a ping', async () => {
    assert.equal(await (await fetch(`${running.embedded.url}/ping`)).text(), 'Ok.\n');
  });

  it('answers in the format named by the statement, the parameter, or tabs', async () => {
    assert.equal(await (await post('', { body: 'SELECT 1, 2' })).text(), '1\t2\n');
    const named = await post('default_format=CSV', { body: "SELECT 1, 'a'" });
    assert.equal(await named.text(), '1,"a"\n');
    assert.equal(named.headers.get('x-clickhouse-format'), 'CSV');
    const own = await post('default_format=CSV', { body: 'SELECT 1 AS a FORMAT JSONEachRow' });
    assert.equal(await own.text(), '{"a":1}\n');
  });

  it('keeps the query id it is given', async () => {
    const answer = await post('query_id=mine', { body: 'SELECT 1' });
    assert.equal(answer.headers.get('x-clickhouse-query-id'), 'mine');
  });

  it('answers errors with code, status and text of ClickHouse', async () => {
    for (const [sql, code, status, name] of [
      ['SELECT * FROM nowhere', '60', 404, 'UNKNOWN_TABLE'],
      ['SELEC 1', '62', 400, 'SYNTAX_ERROR'],
      ['SELECT throwIf(1)', '395', 500, 'FUNCTION_THROW_IF_VALUE_IS_NON_ZERO'],
    ] as const) {
      const answer = await post('', { body: sql });
      assert.equal(answer.status, status);
      assert.equal(answer.headers.get('x-clickhouse-exception-code'), code);
      const text = await answer.text();
      assert.match(text, new RegExp(`^Code: ${code}\\. DB::Exception: `));
      assert.ok(text.includes(`(${name})`), text);
    }
  });

  it('binds parameters, never as SQL', async () => {
    const client = running.client('default');
    const value = "'; DROP TABLE x -- \t\\";
    const rows = await client.rows(
      'SELECT {a:UInt64} AS a, {s:String} AS s, {l:Array(String)} AS l',
      {
        a: 3,
        s: value,
        l: ["it's", 'b'],
      },
    );
    assert.deepEqual(rows, [{ a: 3, s: value, l: ["it's", 'b'] }]);
  });

  it('forgets settings and parameters after each statement', async () => {
    const setting = "SELECT getSetting('max_block_size')";
    const usual = await (await post('', { body: setting })).text();
    assert.equal(await (await post('max_block_size=17', { body: setting })).text(), '17\n');
    assert.equal(await (await post('', { body: setting })).text(), usual);
    assert.equal((await post('param_x=1', { body: 'SELECT {x:UInt8}' })).status, 200);
    assert.equal((await post('', { body: 'SELECT {x:UInt8}' })).status, 400);
  });

  it('refuses a setting that does not exist', async () => {
    const answer = await post('max_treads=1', { body: 'SELECT 1' });
    assert.equal(answer.headers.get('x-clickhouse-exception-code'), '115');
  });

  it('takes a gzipped insert, counts its rows, and gzips a result', async () => {
    await post('', { body: 'CREATE TABLE zipped (a UInt8) ENGINE = MergeTree ORDER BY a' });
    const query = new URLSearchParams({ query: 'INSERT INTO zipped FORMAT JSONEachRow' });
    const inserted = await post(query.toString(), {
      body: gzipSync('{"a":1}\n{"a":2}\n'),
      headers: { 'Content-Encoding': 'gzip' },
    });
    const summary = JSON.parse(inserted.headers.get('x-clickhouse-summary') ?? '{}');
    assert.equal(summary.written_rows, '2');
    const http = await import('node:http');
    const request = http.request(`${running.embedded.url}/?enable_http_compression=1`, {
      method: 'POST',
      headers: { 'Accept-Encoding': 'gzip' },
    });
    request.end('SELECT sum(a) FROM zipped');
    const [answer] = await once(request, 'response');
    assert.equal(answer.headers['content-encoding'], 'gzip');
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk);
    assert.equal(gunzipSync(Buffer.concat(chunks)).toString(), '3\n');
  });

  it('takes binary formats', async () => {
    await post('', { body: 'CREATE TABLE binary (a UInt32) ENGINE = MergeTree ORDER BY a' });
    const query = new URLSearchParams({ query: 'INSERT INTO binary FORMAT RowBinary' });
    const answer = await post(query.toString(), {
      body: Uint8Array.of(255, 254, 0, 0, 1, 0, 0, 128),
    });
    assert.equal(answer.status, 200, await answer.text());
    const read = await post('', { body: 'SELECT a FROM binary ORDER BY a' });
    assert.equal(await read.text(), '65279\n2147483649\n');
  });

  it('takes inserts with settings, with values in the body, and without rows', async () => {
    await post('', {
      body: 'CREATE TABLE forms (a UInt8, `select` UInt8) ENGINE = MergeTree ORDER BY a',
    });
    for (const [sql, body] of [
      ['INSERT INTO forms (a) SETTINGS max_insert_threads = 1 FORMAT CSV', '1\n2\n'],
      ['INSERT INTO forms (`select`, `a`) FORMAT JSONCompactEachRow', '[0,3]\n'],
      ['INSERT INTO forms (a) VALUES', '(4), (5)'],
      ['INSERT INTO forms FORMAT CSV', ''],
    ] as const) {
      const answer = await post(new URLSearchParams({ query: sql }).toString(), { body });
      assert.equal(answer.status, 200, await answer.text());
    }
    await post('', { body: 'INSERT INTO forms SELECT 20, 0 FORMAT Null' });
    await post('', { body: 'INSERT INTO forms (a) FORMAT CSV 6' });
    const read = await post('', {
      body: 'SELECT groupArray(a) FROM (SELECT a FROM forms ORDER BY a)',
    });
    assert.equal(await read.text(), '[1,2,3,4,5,6,20]\n');
  });

  it('refuses rows for input(), which chdb would lose in silence', async () => {
    const sql = "INSERT INTO forms SELECT a FROM input('a UInt8') FORMAT JSONEachRow";
    const answer = await post(new URLSearchParams({ query: sql }).toString(), {
      body: '{"a":3}\n',
    });
    assert.equal(answer.status, 501);
    assert.equal(answer.headers.get('x-clickhouse-exception-code'), '48');
  });

  it('lets a GET read only', async () => {
    const query = (sql: string): string => new URLSearchParams({ query: sql }).toString();
    assert.equal((await fetch(`${running.embedded.url}/?${query('SELECT 1')}`)).status, 200);
    const write = await fetch(`${running.embedded.url}/?${query('CREATE DATABASE got')}`);
    assert.equal(write.headers.get('x-clickhouse-exception-code'), '164');
  });

  it('refuses what a page of another site makes a browser send', async () => {
    const answer = await post('', { body: 'SELECT 1', headers: { Origin: 'https://example.org' } });
    assert.equal(answer.status, 403);
  });

  it('answers while a long statement runs', async () => {
    let finished = false;
    const long = post('', { body: 'SELECT sum(sipHash64(number)) FROM numbers(30000000)' }).then(
      () => {
        finished = true;
      },
    );
    assert.equal(await (await post('', { body: 'SELECT 1' })).text(), '1\n');
    assert.equal(finished, false);
    await long;
  });

  it('is alone with its directory', async () => {
    const second = startEmbedded({ directory: running.directory });
    await assert.rejects(second, (error) => {
      assert.ok(error instanceof WeirError);
      assert.equal(error.code, 'data-dir-locked');
      assert.ok(error.message.includes(running.directory));
      return true;
    });
  });

  it('says so where its port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const directory = mkdtempSync(join(tmpdir(), 'weir-port-'));
    await assert.rejects(startEmbedded({ directory, port }), { code: 'port-taken' });
    server.close();
    rmSync(directory, { recursive: true });
  });
});

describe('the process of the embedded ClickHouse', { skip }, () => {
  it('is started again after kill -9, at the same URL with the same rows', async () => {
    let restarted: (reason: string) => void = () => undefined;
    const reason = new Promise<string>((resolve) => {
      restarted = resolve;
    });
    const running = await withEmbedded({ onRestart: (why) => restarted(why) });
    const client = running.client('default');
    await client.command('CREATE TABLE kept (a UInt8) ENGINE = MergeTree ORDER BY a');
    await client.command('INSERT INTO kept VALUES (1), (2)');
    const { url } = running.embedded;
    process.kill(running.embedded.pid()!, 'SIGKILL');
    assert.match(await reason, /SIGKILL/);
    while (!(await client.ping())) await new Promise(setImmediate);
    assert.equal(running.embedded.url, url);
    assert.deepEqual(await client.rows('SELECT count() AS n FROM kept'), [{ n: 2 }]);
    assert.equal(running.embedded.restarts(), 1);
    await running.end();
  });

  it('finishes what it runs before it stops', async () => {
    const running = await withEmbedded();
    const client = running.client('default');
    const slow = client.rows('SELECT sleep(1) AS done');
    const seen = "SELECT query FROM system.processes WHERE query LIKE '%sleep(1) AS done%'";
    while ((await client.rows(seen)).length < 2) await new Promise(setImmediate); // itself and slow
    await running.embedded.close();
    assert.deepEqual(await slow, [{ done: 0 }]);
    await running.end();
  });

  it('ends with its parent', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'weir-parent-'));
    const program = `
      const { startEmbedded } = await import(${JSON.stringify(startModule.href)});
      const embedded = await startEmbedded({ directory: ${JSON.stringify(directory)} });
      console.log(embedded.pid());
    `;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(parent.stdout, 'data');
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    const pid = Number(String(line));
    const deadlineMs = Date.now() + 10_000;
    while (isAlive(pid) && Date.now() < deadlineMs) await new Promise(setImmediate);
    assert.equal(isAlive(pid), false);
    rmSync(directory, { recursive: true });
  });

  it('asks for the password it was given', async () => {
    const running = await withEmbedded({ username: 'weir', password: 'secret' });
    const ask = (headers: Record<string, string>): Promise<Response> =>
      fetch(running.embedded.url, { method: 'POST', body: 'SELECT 1', headers });
    assert.equal((await ask({})).headers.get('x-clickhouse-exception-code'), '516');
    const basic = `Basic ${Buffer.from('weir:secret').toString('base64')}`;
    assert.equal((await ask({ Authorization: basic })).status, 200);
    const key = { 'X-ClickHouse-User': 'weir', 'X-ClickHouse-Key': 'secret' };
    assert.equal((await ask(key)).status, 200);
    await running.end();
  });

  it('refuses more statements than may wait', async () => {
    const running = await withEmbedded({ concurrency: 1, waitingMax: 1 });
    const client = running.client('default');
    const answers = await Promise.allSettled(
      Array.from({ length: 4 }, () => client.rows('SELECT sleep(0.5)')),
    );
    const codes = answers.map((a) => (a.status === 'rejected' ? clickhouseCode(a.reason) : 0));
    assert.deepEqual(codes.sort(), [0, 0, 202, 202]);
    await running.end();
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
