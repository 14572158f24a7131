import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { referenceCommand } from '../../src/cli/reference.js';
import { createWorld } from '../../src/generate/world.js';
import { writeWorld } from '../../src/generate/write-world.js';
import { readReference } from '../../src/monitors/reference-file.js';

const directory = mkdtempSync(join(tmpdir(), 'weir-reference-'));
after(() => rmSync(directory, { recursive: true }));
const at = (name: string) => join(directory, name);

before(() => {
  // 30-day windows are filled from day 31 on; day 33 closes day 32.
  const world = createWorld({ seed: 3, users: 60, places: 40, partitions: 1 });
  writeWorld(world, { days: 34 }, at('world'), { gzip: false });
});

/** Runs the command; answers what it printed. */
async function capture(...words: string[]): Promise<string> {
  const printed: string[] = [];
  const log = console.log;
  console.log = (line: string) => printed.push(line);
  try {
    await referenceCommand().parseAsync(['capture', ...words], { from: 'user' });
  } finally {
    console.log = log;
  }
  return printed.join('\n');
}

const files = ['interactions', 'place-updates', 'context'].map(
  (topic) => `${topic}=${at(`world/${topic}.ndjson`)}`,
);
const places = ['--pipeline', 'places', '--input', ...files];

test('a captured reference holds the first periods in which every window is filled', async () => {
  const out = at('two.json');
  const printed = await capture(...places, '--periods', '2', '--out', out);
  const reference = readReference(out);
  assert.equal(printed, `${out}: ${reference.id}, ${reference.features.length} features`);
  const from = new Date(reference.fromMs).toISOString();
  const to = new Date(reference.toMs).toISOString();
  assert.deepEqual([from, to], ['2025-02-06T00:00:00.000Z', '2025-02-08T00:00:00.000Z']);
  assert.deepEqual(
    [reference.monitor, reference.model, reference.modelVersion],
    ['places-drift', 'places-ranker', '1'],
  );
});

test('the same files give the same bytes', async () => {
  const named = ['--monitor', 'places-drift'];
  await capture(...places, ...named, '--periods', '2', '--out', at('again.json'));
  assert.deepEqual(readFileSync(at('again.json')), readFileSync(at('two.json')));
});

test('a history that is too short is refused with both remedies, and nothing is written', async () => {
  await assert.rejects(capture(...places, '--out', at('none.json')), {
    code: 'no-reference',
    message:
      'expected 14 whole periods in which every window of places-drift is filled; found fewer in the files; give a longer history, or fewer --periods',
  });
  assert.equal(existsSync(at('none.json')), false);
});

test('a monitor that the pipeline does not have is refused with those it has', async () => {
  await assert.rejects(capture(...places, '--monitor', 'other', '--out', at('none.json')), {
    code: 'wrong-use',
    message: '--monitor: expected a monitor of places (places-drift); found other',
  });
});

test('a number of periods or a file that is none is refused', async () => {
  await assert.rejects(capture(...places, '--periods', '0', '--out', at('none.json')), {
    code: 'wrong-use',
    message: /--periods/,
  });
  const lost = ['--pipeline', 'places', '--input', `interactions=${at('lost.ndjson')}`];
  await assert.rejects(capture(...lost, '--out', at('none.json')), { code: 'input-missing' });
});

test('the reference of the model is of the days that the command written down captures', () => {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const readme = readFileSync(join(root, 'models/train/README.md'), 'utf8');
  assert.match(readme, /reference capture --pipeline places --periods 14/);
  const reference = readReference(join(root, 'models/places-ranker.reference.json'));
  const from = new Date(reference.fromMs).toISOString();
  const to = new Date(reference.toMs).toISOString();
  // Days 31 to 44 of the generated world.
  assert.deepEqual([from, to], ['2025-02-06T00:00:00.000Z', '2025-02-20T00:00:00.000Z']);
});
