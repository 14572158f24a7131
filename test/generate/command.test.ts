import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { generateCommand } from '../../src/cli/generate.js';
import { dayOf } from '../../src/generate/day-of.js';
import { createWorld } from '../../src/generate/world.js';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weir-generate-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

async function generate(...words: string[]): Promise<void> {
  const written = process.stdout.write;
  process.stdout.write = () => true;
  try {
    await generateCommand().parseAsync(words, { from: 'user' });
  } finally {
    process.stdout.write = written;
  }
}

const small = ['--users', '200', '--places', '60', '--seed', '4'];

function contents(name: string): string {
  return readFileSync(join(directory, name), 'utf8');
}

test('the files hold the days of the world, line by line', async () => {
  await generate('--days', '2', ...small, '--out', directory);
  const world = createWorld({ users: 200, places: 60, seed: 4, partitions: 1 });
  const records = [...dayOf(world, 0), ...dayOf(world, 1)];
  for (const topic of ['interactions', 'place-updates', 'context']) {
    const lines = records.filter((record) => record.topic === topic).map(({ line }) => line);
    assert.equal(contents(`${topic}.ndjson`), `${lines.join('\n')}\n`);
  }
});

test('--events stops after that many interactions and the manifest counts them', async () => {
  const drift = ['--drift', 'prices@day1', '--drift', 'labels@day2'];
  await generate('--events', '3000', ...small, ...drift, '--out', join(directory, 'made', 'here'));
  const manifest = JSON.parse(contents('made/here/manifest.json'));
  assert.equal(contents('made/here/interactions.ndjson').split('\n').length - 1, 3_000);
  assert.equal(manifest.counts.interactions, 3_000);
  const faults = Object.values<number>(manifest.faults).reduce((sum, count) => sum + count, 0);
  assert.equal(faults, 3_000);
  assert.equal(manifest.options.seed, 4);
  assert.deepEqual(
    manifest.drifts.map((drift: { name: string; from: string }) => [drift.name, drift.from]),
    [
      ['prices', '2025-01-07T00:00:00.000Z'],
      ['labels', '2025-01-08T00:00:00.000Z'],
    ],
  );
});

test('partitions share the interactions by user, and stale files of a run before go', async () => {
  await generate('--days', '1', ...small, '--out', directory);
  writeFileSync(join(directory, 'notes.txt'), 'mine');
  await generate('--days', '1', ...small, '--partitions', '3', '--gzip', '--out', directory);
  assert.deepEqual(readdirSync(directory).sort(), [
    'context.ndjson.gz',
    'interactions-0.ndjson.gz',
    'interactions-1.ndjson.gz',
    'interactions-2.ndjson.gz',
    'manifest.json',
    'notes.txt',
    'place-updates.ndjson.gz',
  ]);
  const users = [0, 1, 2].map((partition) => {
    const bytes = readFileSync(join(directory, `interactions-${partition}.ndjson.gz`));
    return new Set(
      gunzipSync(bytes)
        .toString()
        .match(/"user_id":1\d+/g),
    );
  });
  const all = users.flatMap((some) => [...some]);
  assert.equal(new Set(all).size, all.length);
  assert.ok(users.every((some) => some.size > 10));
});

test('wrong use says what was expected, what was found and what to do', async () => {
  const out = ['--out', directory];
  const wrong: string[][] = [
    [...out],
    ['--days', '1'],
    ['--days', '1', '--events', '5', ...out],
    ['--days', '0', ...out],
    ['--days', 'ten', ...out],
    ['--days', '1', '--seed', '-3', ...out],
    ['--days', '1', '--start', '2025-02-31', ...out],
    ['--days', '1', '--start', '2025-01-06T10:00:00Z', ...out],
    ['--days', '1', '--late', '2', ...out],
    ['--days', '1', '--broken', '', ...out],
    ['--days', '1', '--places', '3', ...out],
    ['--days', '1', '--users', '0', ...out],
    ['--days', '1', '--partitions', '0', ...out],
    ['--days', '1', '--time-step', '0', ...out],
    ['--days', '1', '--drift', 'fog@day3', ...out],
    ['--days', '1', '--drift', 'nulls@day3', '--drift', 'nulls@day4', ...out],
  ];
  for (const words of wrong) {
    await assert.rejects(
      generate(...words),
      { code: 'wrong-use', message: /expected .*, found .*; .+/ },
      words.join(' '),
    );
  }
  assert.deepEqual(readdirSync(directory), []);
});

test('a directory that cannot be made ends with its name and the remedy', async () => {
  writeFileSync(join(directory, 'file'), '');
  const out = join(directory, 'file', 'below');
  await assert.rejects(generate('--days', '1', ...small, '--out', out), {
    code: 'disk-failed',
    message: /expected to write to .*file.below.* give another --out/,
  });
});
