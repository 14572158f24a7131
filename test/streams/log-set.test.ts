import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { refusedFrame, routeBatch } from '../../src/operators/route-batch.js';
import type { Batch } from '../../src/records/batch.js';
import { LogSet } from '../../src/streams/log-set.js';
import { openLog } from '../../src/streams/storage/log.js';
import { batchOf, byPerson, byThing, type Sent } from '../operators/frames.js';
import { scratchDirectory } from './storage/scratch.js';

const stages = [byPerson, byThing];
const readRow = (_topic: number, raw: string) => JSON.parse(raw);

function batch(number: number): Batch {
  const sent = Array.from({ length: 20 }, (_, i): Sent => {
    const row = { who: i, item: i * number, kind: 'look' };
    const verdict = i % 6 === 5 ? 'late' : 'used';
    return { topic: 'visits', offset: number * 20 + i, atMs: i, row, verdict };
  });
  return batchOf(sent, { batch: number, first: number * 20 });
}

function append(logs: LogSet, one: Batch): void {
  const frames = stages.map((stage) => routeBatch(one, stage, 2));
  logs.append(one, { frames, refused: refusedFrame(one) });
}

function written(t: TestContext, count: number): string {
  const directory = scratchDirectory(t);
  const logs = new LogSet(directory, stages, 2);
  for (let number = 0; number < count; number++) append(logs, batch(number));
  logs.close();
  return directory;
}

function read(directory: string, after: number): readonly Batch[] {
  const logs = new LogSet(directory, stages, 2);
  try {
    return [...logs.read(after, readRow)];
  } finally {
    logs.close();
  }
}

test('batches are read back whole and in order, after the one asked for', (t) => {
  const directory = written(t, 5);
  const batches = read(directory, 1);
  assert.deepEqual(
    batches.map((one) => one.batch),
    [2, 3, 4],
  );
  for (const one of batches) {
    const expected = batch(one.batch);
    assert.deepEqual(one.raws, expected.raws);
    assert.deepEqual(one.rows, expected.rows);
    assert.deepEqual(one.verdicts, expected.verdicts);
    assert.equal(one.first, expected.first);
  }
});

for (const name of ['refused.0', 'person.0', 'thing.1']) {
  test(`a batch that a crash left out of ${name} is in no log afterwards, and can be written again`, (t) => {
    const directory = written(t, 5);
    const log = openLog(join(directory, name));
    log.truncateAfter(3);
    log.close();
    const logs = new LogSet(directory, stages, 2);
    assert.equal(logs.lastBatch, 3);
    append(logs, batch(4));
    append(logs, batch(5));
    logs.close();
    assert.deepEqual(
      read(directory, 2).map((one) => one.batch),
      [3, 4, 5],
    );
  });
}

test('empty logs have no batch', (t) => {
  const directory = scratchDirectory(t);
  const logs = new LogSet(directory, stages, 2);
  assert.equal(logs.lastBatch, -1);
  assert.deepEqual([...logs.read(-1, readRow)], []);
  logs.close();
});
