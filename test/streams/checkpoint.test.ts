import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Checkpoints } from '../../src/streams/checkpoint.js';
import { scratchDirectory } from './storage/scratch.js';

const remedy = 'start over with --reset';

const position = (batch: number) => ({
  batch,
  first: batch * 100,
  cursors: [
    { topic: 'visits', partition: 0, offset: 7, maxTimeMs: 12.5, idle: false, counts: [7] },
    { topic: 'items', partition: 3, offset: 0, maxTimeMs: -Infinity, idle: true, counts: [0] },
  ],
  ticksMs: { visits: 60_000 },
});
const parts = new Map([['state', [Uint8Array.of(1, 2), Uint8Array.of(3)]]]);

test('what was written is read, times before the first record included', (t) => {
  const directory = scratchDirectory(t);
  new Checkpoints(directory, 'abc').write(position(4), parts, { bytes: { vectors: 17 } });
  const read = new Checkpoints(directory, 'abc').read(remedy)!;
  assert.deepEqual(read.position, position(4));
  assert.deepEqual([...read.parts.get('state')!], [1, 2, 3]);
  assert.deepEqual(read.extra, { bytes: { vectors: 17 } });
});

test('the newest is read; without any there is none', (t) => {
  const directory = scratchDirectory(t);
  const checkpoints = new Checkpoints(directory, 'abc');
  assert.equal(checkpoints.read(remedy), null);
  for (const batch of [1, 2, 3]) checkpoints.write(position(batch), parts, {});
  assert.equal(checkpoints.read(remedy)!.position.batch, 3);
});

test('the state of another definition is refused with the remedy', (t) => {
  const directory = scratchDirectory(t);
  new Checkpoints(directory, 'abc').write(position(1), parts, {});
  assert.throws(() => new Checkpoints(directory, 'def').read(remedy), {
    code: 'definition-changed',
    message: /holds the state of another definition or other settings .*; start over with --reset$/,
  });
});

function spoilNewest(directory: string, count: number): void {
  const newest = readdirSync(directory).sort().slice(-count);
  for (const name of newest) writeFileSync(join(directory, name), 'no snapshot');
}

test('a spoilt snapshot gives way to the one before it; without another it is an error', (t) => {
  const directory = scratchDirectory(t);
  const writer = new Checkpoints(directory, 'abc');
  writer.write(position(1), parts, {});
  writer.write(position(2), parts, {});
  spoilNewest(directory, 1);
  const reader = new Checkpoints(directory, 'abc');
  assert.equal(reader.read(remedy)!.position.batch, 1);
  // The spoilt one does not count as one of the two that are kept.
  reader.write(position(3), parts, {});
  spoilNewest(directory, 1);
  assert.equal(new Checkpoints(directory, 'abc').read(remedy)!.position.batch, 1);
  spoilNewest(directory, 9);
  assert.throws(() => new Checkpoints(directory, 'abc').read(remedy), {
    code: 'snapshot-corrupt',
    message: /^no sound snapshot in .*; start over with --reset$/,
  });
});
