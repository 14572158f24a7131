import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSnapshot, writeSnapshot } from '../../../src/streams/storage/snapshot.js';
import type { SnapshotMeta } from '../../../src/streams/storage/snapshot-file.js';
import { scratchDirectory, smallDisk } from './scratch.js';

const metaOf = (batch: number): SnapshotMeta => ({ batch, definition: 'd0' });
const partsOf = (fill: number, bytes = 10) => new Map([['p', [Buffer.alloc(bytes, fill)]]]);

function batchRead(directory: string): unknown {
  return readSnapshot(directory).snapshot?.meta.batch;
}

test('a directory that is absent or empty holds no snapshot', (t) => {
  const directory = scratchDirectory(t);
  const none = { snapshot: undefined, refused: [] };
  assert.deepEqual(readSnapshot(directory), none);
  assert.deepEqual(readSnapshot(join(directory, 'absent')), none);
});

test('parts come back as written, in chunks or whole, ready to be viewed as typed arrays', (t) => {
  const directory = scratchDirectory(t);
  const doubles = Float64Array.from([1.5, Number.NaN, -0, Number.NEGATIVE_INFINITY]);
  const chunks = [new Uint8Array(doubles.buffer, 0, 8), new Uint8Array(doubles.buffer, 8)];
  const meta = { batch: 41, definition: 'abc', cursors: [{ topic: 't', offset: 7 }], note: 'ä' };
  const parts = new Map<string, readonly Uint8Array[]>([
    ['odd', [Uint8Array.of(1, 2, 3)]],
    ['user.0/sums', chunks],
    ['empty', []],
  ]);
  writeSnapshot(directory, meta, parts);
  const { snapshot, refused } = readSnapshot(directory);
  assert.ok(snapshot);
  assert.deepEqual(refused, []);
  assert.deepEqual(snapshot.meta, meta);
  assert.deepEqual([...snapshot.parts.keys()], ['odd', 'user.0/sums', 'empty']);
  assert.deepEqual(snapshot.parts.get('odd'), Uint8Array.of(1, 2, 3));
  assert.deepEqual(snapshot.parts.get('empty'), new Uint8Array(0));
  const sums = snapshot.parts.get('user.0/sums');
  assert.ok(sums);
  assert.equal(sums.byteOffset, 0);
  assert.deepEqual(new Float64Array(sums.buffer), doubles);
});

test('the newest two are kept, and newest is what was written last', (t) => {
  const directory = scratchDirectory(t);
  for (const batch of [10, 20, 30, 5]) {
    writeSnapshot(directory, metaOf(batch), partsOf(batch));
    assert.equal(batchRead(directory), batch);
  }
  const names = readdirSync(directory).sort();
  assert.deepEqual(names, ['0000000002.snapshot', '0000000003.snapshot']);
  rmSync(join(directory, '0000000003.snapshot'));
  assert.equal(batchRead(directory), 30);
});

test('a number that JSON would turn into null is a programmer’s error', (t) => {
  const directory = scratchDirectory(t);
  const meta = { ...metaOf(1), cursors: [{ maxTimeMs: Number.NEGATIVE_INFINITY }] };
  assert.throws(() => writeSnapshot(directory, meta, new Map()), {
    code: 'internal',
    message: /maxTimeMs is -Infinity/,
  });
});

test('any flipped bit, any missing byte and any extra one: refused, and the previous is used', (t) => {
  const directory = scratchDirectory(t);
  writeSnapshot(directory, metaOf(1), partsOf(1));
  writeSnapshot(directory, metaOf(2), partsOf(2));
  const path = join(directory, '0000000001.snapshot');
  const whole = readFileSync(path);
  const expectPrevious = (bytes: Uint8Array, what: string) => {
    // In place where it can be: a file truncated and written anew costs ext4 a flush.
    writeFileSync(path, bytes, { flag: bytes.length === whole.length ? 'r+' : 'w' });
    const { snapshot, refused } = readSnapshot(directory);
    assert.equal(snapshot?.meta.batch, 1, what);
    assert.equal(refused.length, 1);
    assert.equal(refused[0]?.path, path);
    assert.match(refused[0]?.reason ?? '', /^(its|it|the file) /);
  };
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const flipped = Buffer.from(whole);
    flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7));
    expectPrevious(flipped, `bit ${bit}`);
  }
  for (let bytes = 0; bytes < whole.length; bytes++) {
    expectPrevious(whole.subarray(0, bytes), `${bytes} bytes`);
  }
  expectPrevious(Buffer.concat([whole, Buffer.alloc(1)]), 'an extra byte');
  writeFileSync(path, whole);
  assert.equal(batchRead(directory), 2);
});

test('another format is refused with both versions named', (t) => {
  const directory = scratchDirectory(t);
  writeSnapshot(directory, metaOf(1), partsOf(1));
  const path = join(directory, '0000000000.snapshot');
  const bytes = readFileSync(path);
  bytes.writeUInt32LE(9, 8);
  writeFileSync(path, bytes);
  const reason = 'it has format 9, this version of Weir reads format 1';
  assert.deepEqual(readSnapshot(directory), { snapshot: undefined, refused: [{ path, reason }] });
  writeFileSync(path, 'something else altogether');
  assert.equal(readSnapshot(directory).refused[0]?.reason, 'it is not a snapshot of Weir');
});

test('a refused snapshot does not push out the one that was used instead', (t) => {
  const directory = scratchDirectory(t);
  writeSnapshot(directory, metaOf(1), partsOf(1));
  writeSnapshot(directory, metaOf(2), partsOf(2));
  writeFileSync(join(directory, '0000000001.snapshot'), 'damaged');
  const refused = readSnapshot(directory).refused.map(({ path }) => path);
  writeSnapshot(directory, metaOf(3), partsOf(3), refused);
  assert.deepEqual(readdirSync(directory).sort(), ['0000000000.snapshot', '0000000002.snapshot']);
});

test('what a crash before the rename leaves is never read, and removed by the next write', (t) => {
  const directory = scratchDirectory(t);
  writeSnapshot(directory, metaOf(1), partsOf(1));
  writeSnapshot(directory, metaOf(2), partsOf(2));
  const last = join(directory, '0000000001.snapshot');
  const whole = readFileSync(last);
  for (const bytes of [0, 7, whole.length >> 1, whole.length]) {
    writeFileSync(`${last.replace('1.', '2.')}.tmp`, whole.subarray(0, bytes));
    const { snapshot, refused } = readSnapshot(directory);
    assert.equal(snapshot?.meta.batch, 2);
    assert.deepEqual(refused, []);
  }
  writeFileSync(join(directory, '0000000009.snapshot.tmp'), 'older crash');
  writeSnapshot(directory, metaOf(3), partsOf(3));
  assert.deepEqual(readdirSync(directory).sort(), ['0000000001.snapshot', '0000000002.snapshot']);
});

test('a disk that fills while a snapshot is written is named, and the previous stays', (t) => {
  const disk = smallDisk(t, 256);
  if (disk === undefined) return t.skip('mounting a tmpfs is not permitted here');
  writeSnapshot(disk, metaOf(1), partsOf(1, 60_000));
  assert.throws(() => writeSnapshot(disk, metaOf(2), partsOf(2, 300_000)), {
    code: 'disk-full',
    message: /^no space left while writing .*0000000001\.snapshot: free space there/,
  });
  assert.deepEqual(readdirSync(disk), ['0000000000.snapshot']);
  assert.equal(batchRead(disk), 1);
  return undefined;
});

test('a failure of the disk is named', (t) => {
  const directory = scratchDirectory(t);
  mkdirSync(join(directory, '0000000000.snapshot'));
  assert.throws(() => readSnapshot(directory), { code: 'disk-failed', message: /^EISDIR/ });
});
