import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { needs } from '../servers.js';
import { faultRun } from './fault-run.js';
import { startFaultServers } from './fault-servers.js';

// The short form of campaign.ts: servers of its own, since they are harmed.
describe('a run over Kafka', needs('kafka', 'redis', 'clickhouse', 'toxiproxy'), () => {
  test('with a killed process leaves what its logs say, once', { timeout: 300_000 }, async (t) => {
    const servers = await startFaultServers();
    t.after(() => servers.close());
    const root = await mkdtemp(join(tmpdir(), 'weir-fault-'));
    const directory = join(root, 'run');
    const run = await faultRun({ servers, directory, seed: 1, events: 1_000, only: ['kill'] });
    const { lost, doubled, differing, first } = run;
    const found = { lost, doubled, differing, first };
    assert.deepEqual(found, { lost: 0, doubled: 0, differing: 0, first: [] }, directory);
    assert.deepEqual(run.faults, ['kill']);
    assert.ok((run.compared.vectors_user ?? 0) > 500, 'vectors were compared');
    await rm(root, { recursive: true });
  });
});
