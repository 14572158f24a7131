import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Log, openLog } from '../../../src/streams/storage/log.js';
import { scratchDirectory, smallDisk } from './scratch.js';

const bytesOf = (text: string) => Buffer.from(text);
const headerBytes = 20;

function contents(log: Log, after = -1): [number, string][] {
  return [...log.read(after)].map(({ batch, payload }) => [batch, Buffer.from(payload).toString()]);
}

function segmentNames(directory: string): string[] {
  return readdirSync(directory).sort();
}

/** Three frames of 4 bytes in one segment; answers its path and bytes. */
function threeFrames(t: TestContext): { directory: string; path: string; whole: Buffer } {
  const directory = join(scratchDirectory(t), 'user.0');
  const log = openLog(directory);
  for (const [batch, text] of ['aaaa', 'bbbb', 'cccc'].entries()) log.append(batch, bytesOf(text));
  log.close();
  const path = join(directory, '0000000000000000.log');
  return { directory, path, whole: readFileSync(path) };
}

test('an empty log has no last batch, and what is appended is there after reopening', (t) => {
  const directory = join(scratchDirectory(t), 'user.3');
  const log = openLog(directory);
  assert.equal(log.name, 'user.3');
  assert.equal(log.lastBatch, -1);
  assert.deepEqual(contents(log), []);
  log.append(0, bytesOf('first'));
  log.append(7, bytesOf(''));
  log.sync();
  log.close();
  const again = openLog(directory);
  t.after(() => again.close());
  assert.equal(again.lastBatch, 7);
  assert.equal(again.bytes, 2 * headerBytes + 5);
  assert.equal(again.torn, undefined);
  assert.deepEqual(contents(again), [
    [0, 'first'],
    [7, ''],
  ]);
  assert.deepEqual(contents(again, 0), [[7, '']]);
  assert.deepEqual(contents(again, 7), []);
});

test('a batch that is not above the last is a programmer’s error', (t) => {
  const log = openLog(scratchDirectory(t));
  t.after(() => log.close());
  log.append(5, bytesOf('x'));
  for (const batch of [5, 4, -1, 6.5, 2 ** 53]) {
    assert.throws(() => log.append(batch, bytesOf('y')), { code: 'internal' });
  }
  assert.deepEqual(contents(log), [[5, 'x']]);
});

test('a reader sees the frames appended while it reads, in the next segment too', (t) => {
  const log = openLog(scratchDirectory(t), { segmentBytes: 50 });
  t.after(() => log.close());
  log.append(0, bytesOf('a'));
  const seen: number[] = [];
  for (const { batch } of log.read(-1)) {
    seen.push(batch);
    if (batch < 9) log.append(batch + 1, bytesOf('b'));
  }
  assert.deepEqual(seen, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('payloads longer than the read buffer come back whole, and stay so', (t) => {
  const log = openLog(scratchDirectory(t));
  t.after(() => log.close());
  const sizes = [0, 1, 3_000_000, 1024 * 1024 - 20, 17, 1024 * 1024 - 19, 5_000_001, 2];
  const payloadOf = (batch: number) => Buffer.alloc(sizes[batch] ?? 0, batch + 1);
  for (const batch of sizes.keys()) log.append(batch, payloadOf(batch));
  const frames = [...log.read(-1)];
  assert.equal(frames.length, sizes.length);
  for (const { batch, payload } of frames) assert.ok(payloadOf(batch).equals(payload), `${batch}`);
});

test('a segment is named by its first batch and takes no frame that makes it too long', (t) => {
  const directory = scratchDirectory(t);
  const log = openLog(directory, { segmentBytes: 2 * (headerBytes + 4) });
  t.after(() => log.close());
  for (const batch of [3, 4, 5, 6, 9]) log.append(batch, bytesOf('four'));
  log.append(10, Buffer.alloc(1000));
  assert.deepEqual(segmentNames(directory), [
    '0000000000000003.log',
    '0000000000000005.log',
    '0000000000000009.log',
    '0000000000000010.log',
  ]);
});

test('a last frame torn at any byte is cut, counted, and written anew', (t) => {
  const { directory, path, whole } = threeFrames(t);
  const frame = headerBytes + 4;
  for (let bytes = 2 * frame; bytes < whole.length; bytes++) {
    writeFileSync(path, whole.subarray(0, bytes));
    const log = openLog(directory);
    assert.equal(log.lastBatch, 1);
    const torn = { path, offset: 2 * frame, bytes: bytes - 2 * frame };
    assert.deepEqual(log.torn, torn.bytes === 0 ? undefined : torn);
    assert.equal(log.bytes, 2 * frame);
    log.append(2, bytesOf('cccc'));
    log.close();
    assert.deepEqual(readFileSync(path), whole);
  }
});

test('a torn first frame leaves an empty log, or the end of the segment before', (t) => {
  const { directory, path, whole } = threeFrames(t);
  const last = join(directory, '0000000000000003.log');
  for (let bytes = 0; bytes < headerBytes + 4; bytes++) {
    writeFileSync(path, whole);
    writeFileSync(last, whole.subarray(0, bytes));
    const second = openLog(directory);
    second.close();
    assert.equal(second.lastBatch, 2);
    assert.equal(second.torn?.bytes ?? 0, bytes);
    assert.deepEqual(segmentNames(directory), ['0000000000000000.log']);

    writeFileSync(path, whole.subarray(0, bytes));
    const only = openLog(directory);
    only.close();
    assert.equal(only.lastBatch, -1);
    assert.deepEqual(segmentNames(directory), []);
  }
});

test('a tail of zeros, as a power cut leaves, is cut', (t) => {
  const { directory, path, whole } = threeFrames(t);
  appendFileSync(path, Buffer.alloc(100_000));
  const log = openLog(directory);
  log.close();
  assert.equal(log.torn?.bytes, 100_000);
  assert.deepEqual(readFileSync(path), whole);
});

test('any flipped bit before the last frame is refused with the place, and nothing is changed', (t) => {
  const { directory, path, whole } = threeFrames(t);
  const frame = headerBytes + 4;
  for (let bit = 0; bit < 2 * frame * 8; bit++) {
    const flipped = Buffer.from(whole);
    flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7));
    // In place: a file truncated and written anew costs ext4 a flush.
    writeFileSync(path, flipped, { flag: 'r+' });
    const offset = Math.floor((bit >> 3) / frame) * frame;
    assert.throws(
      () => openLog(directory),
      (error: Error & { code?: string }) =>
        error.code === 'segment-corrupt' &&
        error.message.includes(`${path} is damaged at byte ${offset} (`) &&
        error.message.includes('restore the file from a copy'),
      `bit ${bit}`,
    );
    assert.deepEqual(readFileSync(path), flipped);
  }
});

test('any flipped bit in the last frame is a torn tail', (t) => {
  const { directory, path, whole } = threeFrames(t);
  const frame = headerBytes + 4;
  for (let bit = 2 * frame * 8; bit < 3 * frame * 8; bit++) {
    const flipped = Buffer.from(whole);
    flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7));
    writeFileSync(path, flipped);
    const log = openLog(directory);
    log.close();
    assert.equal(log.lastBatch, 1, `bit ${bit}`);
    assert.deepEqual(log.torn, { path, offset: 2 * frame, bytes: frame });
  }
});

test('an older segment that was cut short or flipped is refused when it is read', (t) => {
  const { directory, path, whole } = threeFrames(t);
  const frame = headerBytes + 4;
  const log = openLog(directory, { segmentBytes: 3 * frame });
  t.after(() => log.close());
  log.append(3, bytesOf('dddd'));
  writeFileSync(path, whole.subarray(0, whole.length - 1));
  const damage = { code: 'segment-corrupt', message: new RegExp(`at byte ${2 * frame} `) };
  assert.throws(() => contents(log), damage);
  assert.throws(() => log.truncateAfter(2), damage);
  assert.deepEqual(contents(log, 2), [[3, 'dddd']]);
  const again = openLog(directory);
  t.after(() => again.close());
  assert.equal(again.lastBatch, 3);
  assert.throws(() => contents(again), damage);
});

test('a segment under another’s name is refused', (t) => {
  const { directory, path, whole } = threeFrames(t);
  rmSync(path);
  writeFileSync(join(directory, '0000000000000001.log'), whole);
  assert.throws(() => openLog(directory), { code: 'segment-corrupt', message: /out of order/ });
});

test('truncating drops what is above, across segments, and goes on from there', (t) => {
  const directory = scratchDirectory(t);
  const options = { segmentBytes: 2 * (headerBytes + 1) };
  for (const after of [-1, 0, 1, 2, 3, 4, 5, 6]) {
    const log = openLog(directory, options);
    log.truncateAfter(-1);
    for (let batch = 0; batch < 6; batch++) log.append(batch, bytesOf(`${batch}`));
    log.truncateAfter(after);
    const kept = [0, 1, 2, 3, 4, 5].filter((batch) => batch <= after);
    assert.equal(log.lastBatch, kept.at(-1) ?? -1);
    assert.equal(log.bytes, kept.length * (headerBytes + 1));
    log.append(20, bytesOf('n'));
    const expected = [...kept.map((batch): [number, string] => [batch, `${batch}`]), [20, 'n']];
    assert.deepEqual(contents(log), expected);
    log.close();
    const again = openLog(directory, options);
    assert.deepEqual(contents(again), expected);
    again.close();
  }
});

test('a reader under way when the log is truncated ends with an error', (t) => {
  const log = openLog(scratchDirectory(t));
  t.after(() => log.close());
  for (let batch = 0; batch < 3; batch++) log.append(batch, bytesOf('x'));
  assert.throws(
    () => {
      for (const { batch } of log.read(-1)) log.truncateAfter(batch);
    },
    { code: 'internal', message: /truncated under a reader/ },
  );
});

test('retention removes whole old segments only, and never the last', (t) => {
  const directory = scratchDirectory(t);
  const log = openLog(directory, { segmentBytes: 2 * (headerBytes + 1) });
  t.after(() => log.close());
  for (let batch = 0; batch < 7; batch++) log.append(batch, bytesOf(`${batch}`));
  const remaining = (before: number) => {
    log.dropBefore(before);
    assert.equal(log.bytes, contents(log).length * (headerBytes + 1));
    return contents(log).map(([batch]) => batch);
  };
  assert.deepEqual(remaining(1), [0, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual(remaining(2), [2, 3, 4, 5, 6]);
  assert.deepEqual(remaining(5), [4, 5, 6]);
  assert.deepEqual(remaining(100), [6]);
  assert.equal(log.lastBatch, 6);
  assert.deepEqual(segmentNames(directory), ['0000000000000006.log']);
});

test('a full disk is named, and the log goes on after its last whole frame once there is room', (t) => {
  const disk = smallDisk(t, 256);
  if (disk === undefined) return t.skip('mounting a tmpfs is not permitted here');
  const directory = join(disk, 'user.0');
  const ballast = join(disk, 'ballast');
  writeFileSync(ballast, Buffer.alloc(100_000));
  const log = openLog(directory, { segmentBytes: 100_000 });
  const payload = Buffer.alloc(9_000, 'p');
  const fill = () => {
    for (let batch = log.lastBatch + 1; batch < 100; batch++) log.append(batch, payload);
  };
  const full = { code: 'disk-full', message: /user\.0.*: free space there/ };
  assert.throws(fill, full);
  assert.throws(fill, full);
  const { lastBatch } = log;
  assert.ok(lastBatch >= 5 && lastBatch < 30, `${lastBatch}`);
  rmSync(ballast);
  log.append(lastBatch + 1, payload);
  assert.throws(fill, full);
  const batches = contents(log).map(([batch]) => batch);
  assert.deepEqual(
    batches,
    Array.from({ length: log.lastBatch + 1 }, (_, batch) => batch),
  );
  log.close();
  const again = openLog(directory);
  again.close();
  assert.equal(again.torn, undefined);
  assert.equal(again.lastBatch, log.lastBatch);
  assert.equal(again.bytes, log.bytes);
  return undefined;
});

test('a disk that fills at the start of a segment leaves no segment without a frame', (t) => {
  const disk = smallDisk(t, 64);
  if (disk === undefined) return t.skip('mounting a tmpfs is not permitted here');
  const log = openLog(disk, { segmentBytes: 1 });
  log.append(0, Buffer.alloc(40_000));
  assert.throws(() => log.append(1, Buffer.alloc(40_000)), { code: 'disk-full' });
  assert.deepEqual(segmentNames(disk), ['0000000000000000.log']);
  log.append(2, Buffer.alloc(10));
  log.close();
  assert.deepEqual(segmentNames(disk), ['0000000000000000.log', '0000000000000002.log']);
  const again = openLog(disk);
  again.close();
  assert.equal(again.lastBatch, 2);
  return undefined;
});

test('another failure of the disk is named with the path and the errno', (t) => {
  const directory = scratchDirectory(t);
  const file = join(directory, 'file');
  writeFileSync(file, '');
  assert.throws(() => openLog(join(file, 'log')), {
    code: 'disk-failed',
    message: `ENOTDIR while creating ${join(file, 'log')}: check the disk, the mount and the permissions there, then restart`,
  });
  const log = openLog(join(directory, 'log'));
  mkdirSync(join(directory, 'log', '0000000000000004.log'));
  assert.throws(() => log.append(4, bytesOf('x')), { code: 'disk-failed', message: /^EISDIR/ });
  log.append(5, bytesOf('y'));
  assert.deepEqual(contents(log), [[5, 'y']]);
  log.close();
});
