import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { prepareJ1 } from '../../bench/cases.js';
import { writeJ1 } from '../../bench/j1-events.js';
import { plainLoop } from '../../bench/plain-loop.js';

// Checksums that other stream engines and a naive recomputation gave for the same events.
const sampleChecksum = 922695573;
const sample = 20_000;

let directory: string;
let path: string;

before(() => {
  directory = mkdtempSync(join(tmpdir(), 'weir-j1-'));
  path = join(directory, 'sample.ndjson');
  writeJ1(path, sample, sample);
});
after(() => rmSync(directory, { recursive: true }));

test('J1 declared as a view gives the known checksum through ingest, logs and tasks', async () => {
  const { events, checksum } = await (await prepareJ1(path, join(directory, 'logs')))();
  assert.deepEqual({ events, checksum }, { events: sample, checksum: sampleChecksum });
});

test('J1 gives the same checksum with frames of another size', async () => {
  const { checksum } = await (await prepareJ1(path, join(directory, 'small'), 37))();
  assert.equal(checksum, sampleChecksum);
});

test('the loop written by hand gives the known checksum', () => {
  assert.equal(plainLoop(path).checksum, sampleChecksum);
});
