import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openLog } from '../../../src/streams/storage/log.js';
import { readSnapshot } from '../../../src/streams/storage/snapshot.js';
import { startChild } from './child.js';
import { scratchDirectory } from './scratch.js';

const storage = new URL('../../../src/streams/storage/', import.meta.url).href;

const appender = `
  const { openLog } = await import(process.argv[1] + 'log.js');
  const log = openLog(process.argv[2], { segmentBytes: 1e6 });
  for (let batch = log.lastBatch + 1; ; batch++) {
    log.append(batch, new Uint8Array(batch % 30000).fill(batch));
    if (batch % 50 === 0) console.log(batch);
  }
`;

const snapshotter = `
  const { readSnapshot, writeSnapshot } = await import(process.argv[1] + 'snapshot.js');
  const before = readSnapshot(process.argv[2]).snapshot?.meta.batch ?? 0;
  for (let batch = before + 1; ; batch++) {
    const part = [new Uint8Array(500000).fill(batch), new Uint8Array(500000).fill(batch)];
    writeSnapshot(process.argv[2], { batch, definition: 'd' }, new Map([['a', part], ['b', part]]));
    console.log(batch);
  }
`;

test('after kill -9 of a writer the log holds every batch it said it had appended', async (t) => {
  const directory = join(scratchDirectory(t), 'user.0');
  for (const lines of [1, 2, 5, 3]) {
    const child = startChild(t, appender, [storage, directory]);
    let said = -1;
    for (let count = 0; count < lines; count++) said = Number(await child.line());
    child.kill();
    await child.ended;
    const log = openLog(directory);
    assert.ok(log.lastBatch >= said, `${log.lastBatch} < ${said}`);
    let next = 0;
    for (const { batch, payload } of log.read(-1)) {
      assert.equal(batch, next++);
      assert.equal(payload.length, batch % 30000);
      assert.ok(payload.every((byte) => byte === batch % 256));
    }
    assert.equal(next - 1, log.lastBatch);
    log.close();
  }
});

test('after kill -9 of a writer the last snapshot it finished is there, whole', async (t) => {
  const directory = scratchDirectory(t);
  for (const lines of [1, 2, 4, 3, 1]) {
    const child = startChild(t, snapshotter, [storage, directory]);
    let said = -1;
    for (let count = 0; count < lines; count++) said = Number(await child.line());
    child.kill();
    await child.ended;
    const { snapshot, refused } = readSnapshot(directory);
    assert.deepEqual(refused, []);
    const batch = snapshot?.meta.batch ?? -1;
    assert.ok(batch >= said, `${batch} < ${said}`);
    for (const part of snapshot?.parts.values() ?? []) {
      assert.equal(part.length, 1_000_000);
      assert.ok(part.every((byte) => byte === batch % 256));
    }
  }
});
