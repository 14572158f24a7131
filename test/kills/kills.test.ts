import assert from 'node:assert/strict';
import { existsSync, watch } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createRandom } from '../../src/generate/random.js';
import { differences, directoryContents } from './directory-contents.js';
import { generatedInputs } from './generated-inputs.js';
import { killedRun } from './killed-run.js';
import { startWeir, type WeirProcess } from './weir-process.js';

// The short form of campaign.ts, with the models.
const seed = 1;
let root = '';
let args: readonly string[] = [];
let durationMs = 0;
let expected: ReadonlyMap<string, string> = new Map();

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'weir-kills-'));
  const inputs = generatedInputs(join(root, 'input'), { events: 5_000, seed });
  const clock = '2026-01-01T00:00:00Z';
  args = ['replay', '--pipeline', 'places', '--input', ...inputs, '--now', clock];
  const startMs = performance.now();
  const { code, stderr } = await startWeir([...args, '--out', join(root, 'whole')]).ended;
  durationMs = performance.now() - startMs;
  assert.equal(code, 0, stderr);
  expected = directoryContents(join(root, 'whole'));
});
after(() => rm(root, { recursive: true }));

/** Starts a replay into `out` and waits until `name` appears there, or the replay has ended. */
async function startUntil(out: string, name: string): Promise<WeirProcess> {
  await mkdir(out);
  const watcher = watch(out);
  const appeared = new Promise<void>((resolve) => {
    watcher.on('change', (_, found) => {
      if (found === name) resolve();
    });
  });
  const started = startWeir([...args, '--out', out]);
  await Promise.race([appeared, started.ended]);
  watcher.close();
  return started;
}

async function finishes(out: string): Promise<void> {
  const { code, stderr } = await startWeir([...args, '--out', out]).ended;
  assert.equal(code, 0, stderr);
  assert.deepEqual(differences(expected, directoryContents(out)), [], `seed ${seed}`);
}

test('replays killed at random moments end with the bytes of an undisturbed one', async () => {
  for (let run = 0; run < 3; run++) {
    const out = join(root, `run-${run}`);
    const random = createRandom(seed, run);
    const result = await killedRun({ args, out, expected, durationMs, killsMax: 2, random });
    const said = `seed ${seed}, run ${run}, killed after ${result.kills.join('; ')}`;
    assert.deepEqual(result.faults, [], said);
  }
});

test('so do replays killed when the account is there and when the state is being removed', async () => {
  for (const name of ['accounts.json.new', 'accounts.json', '.weir-finished']) {
    const out = join(root, `at-${name}`);
    const { child, ended } = await startUntil(out, name);
    child.kill('SIGKILL');
    await ended;
    await finishes(out);
  }
});

test('Ctrl-C and a plain kill end a replay at once, and the next start goes on', async () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const out = join(root, signal);
    const { child, ended } = await startUntil(out, 'vectors.ndjson');
    child.kill(signal);
    const end = await ended;
    // A shell shows a process that a signal ended as 128 and the signal's number: 130 and 143.
    assert.deepEqual([end.code, end.signal], [null, signal], end.stderr);
    assert.ok(existsSync(join(out, '.weir')));
    await finishes(out);
  }
});
