import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Redis } from '../../../src/sinks/redis/client.js';
import { createRedisSink } from '../../../src/sinks/redis/sink.js';
import { type PrivateServers, startServers } from '../../private-servers.js';
import { needs } from '../../servers.js';
import { connect, place } from './connect.js';
import { latest, user, values } from './shapes.js';

const document = readFileSync(new URL('../../../../docs/redis.md', import.meta.url), 'utf8');

/** The one snippet of docs/redis.md in a language. */
function snippet(language: string): string {
  const found = [...document.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))];
  assert.equal(found.length, 1);
  return found[0]![1]!;
}

function unless(command: string, args: readonly string[], missing: string): { skip?: string } {
  return spawnSync(command, args).status === 0 ? {} : { skip: missing };
}

const python = process.env.WEIR_TEST_PYTHON ?? 'python3';
const goModule = 'module example\n\ngo 1.18\n\nrequire github.com/redis/go-redis/v9 v9.7.0\n';
/** Go takes modules from its cache only. */
const offline = { ...process.env, GOFLAGS: '-mod=mod', GOPROXY: 'off', GOSUMDB: 'off' };

describe('the example of docs/redis.md', needs('redis'), () => {
  let servers: PrivateServers;
  let redis: Redis;
  let directory: string;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'weir-examples-'));
    servers = await startServers('redis');
    redis = await connect(place(servers.address('redis'), { prefix: 'weir:' }));
    const sink = createRedisSink(redis, { pipeline: 'places', views: [user], ttlMs: new Map() });
    sink.write([latest('u-1', 1, { values, validUntilMs: Date.UTC(2000) })]);
    await sink.close();
  });
  after(async () => {
    redis.close();
    await servers.close();
    rmSync(directory, { recursive: true, force: true });
  });

  function run(language: string, file: string, command: string, ...args: string[]): string {
    const text = snippet(language).replaceAll('127.0.0.1:6379', servers.address('redis'));
    writeFileSync(join(directory, file), text);
    const done = spawnSync(command, args, { cwd: directory, encoding: 'utf8', env: offline });
    assert.equal(done.stderr, '');
    return done.stdout;
  }

  const cli = unless('redis-cli', ['--version'], 'redis-cli is not installed');
  test('for redis-cli prints the features', cli, () => {
    assert.deepEqual(JSON.parse(run('sh', 'read.sh', 'sh', 'read.sh')), {
      clicks_1h: 7,
      ctr_24h: 0.1,
      last_kind: 'click',
      last_time: '2026-01-02T03:04:05.006Z',
      by_hour: [1, 0, 2],
      top_kinds: [['click', 4]],
    });
  });

  test('for Node reads a feature and whether it is stale', () => {
    const modules = new URL('../../../../node_modules', import.meta.url);
    symlinkSync(fileURLToPath(modules), join(directory, 'node_modules'));
    assert.equal(run('js', 'read.mjs', 'node', 'read.mjs'), '7 stale\n');
  });

  const pythonRedis = unless(python, ['-c', 'import redis'], 'the Python package redis is missing');
  test('for Python reads a feature and whether it is stale', pythonRedis, () => {
    assert.equal(run('python', 'read.py', python, 'read.py'), '7 stale\n');
  });

  test('for Go reads a feature and whether it is stale', (context) => {
    writeFileSync(join(directory, 'go.mod'), goModule);
    const found = spawnSync('go', ['mod', 'download'], { cwd: directory, env: offline });
    if (found.status !== 0) {
      context.skip("Go, or go-redis in Go's module cache, is missing");
      return;
    }
    assert.equal(run('go', 'read.go', 'go', 'run', 'read.go'), '7 stale\n');
  });
});
