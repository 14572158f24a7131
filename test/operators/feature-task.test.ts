import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { wanted } from '../../src/features/view-state.js';
import { FeatureTask } from '../../src/operators/feature-task.js';
import { vectorOf } from '../../src/operators/in-order.js';
import { vectorJson } from '../../src/records/json.js';
import { latestOf } from '../../src/streams/latest.js';
import { batchOf, byPerson, type Sent, topics, wholeFrame } from './frames.js';

const start = Date.UTC(2025, 0, 1);
const settings = { epoch: 0, latenessMs: 3_600_000, wanted: wanted.before, probes: [] };

const newTask = () => new FeatureTask(byPerson, 0, topics, settings);

const anyRecord = fc.oneof(
  fc.record({
    topic: fc.constant('visits'),
    row: fc.record({
      who: fc.constantFrom<string | number>('ann', 7, '7'),
      item: fc.constantFrom<string | number>(1, 2, '2'),
      kind: fc.constantFrom('look', 'buy'),
    }),
  }),
  fc.record({
    topic: fc.constant('items'),
    row: fc.record({
      item: fc.constantFrom<string | number>(1, 2),
      price: fc.constantFrom(1, 2.5, null, undefined),
    }),
  }),
  fc.record({
    topic: fc.constant('people'),
    row: fc.record({
      who: fc.constantFrom<string | number>('ann', '7'),
      tier: fc.constantFrom('gold', null, undefined),
    }),
  }),
  fc.record({
    topic: fc.constant('season'),
    row: fc.record({ name: fc.constantFrom('spring', 'fall', null) }),
  }),
);
/** Records of two source partitions a topic, out of order within an hour. */
const anyRecords = fc
  .array(fc.tuple(anyRecord, fc.integer({ min: 0, max: 1 }), fc.integer({ min: -20, max: 30 })), {
    maxLength: 60,
  })
  .map((list) => {
    const next = new Map<string, number>();
    let minute = 60;
    return list.map(([{ topic, row }, partition, by]): Sent => {
      minute = Math.max(0, minute + by);
      const place = `${topic}/${partition}`;
      const offset = next.get(place) ?? 0;
      next.set(place, offset + 1);
      return { topic, partition, offset, atMs: start + minute * 60_000, row };
    });
  });

/** Every vector the task gives for the records, cut into batches of so many. */
function vectors(task: FeatureTask, sent: readonly Sent[], batchSize: number): string[] {
  const lines: string[] = [];
  for (let from = 0; from < sent.length; from += batchSize) {
    const batch = batchOf(sent.slice(from, from + batchSize), { first: from });
    const { blocks } = task.process(wholeFrame(batch));
    for (const block of blocks) {
      for (let row = 0; row < block.count; row++) lines.push(vectorJson(vectorOf(block, row, 0)));
    }
  }
  return lines;
}

function latest(task: FeatureTask, atMs: number): unknown[] {
  return task.views.flatMap((view) =>
    Array.from({ length: view.keys.count }, (_, k) => latestOf(task, view, k + 1, atMs, 0)),
  );
}

function restarted(task: FeatureTask): FeatureTask {
  const parts = new Map<string, Uint8Array>([['other/task', new Uint8Array(3)]]);
  for (const [name, bytes] of task.dump('person.0/')) parts.set(name, Buffer.concat(bytes));
  const copy = newTask();
  copy.restore('person.0/', parts);
  return copy;
}

test('vectors and positions do not depend on how records are cut into frames', () => {
  fc.assert(
    fc.property(anyRecords, fc.integer({ min: 1, max: 9 }), (sent, batchSize) => {
      const [whole, cut] = [newTask(), newTask()];
      assert.deepEqual(vectors(cut, sent, batchSize), vectors(whole, sent, 1_000));
      assert.equal(cut.n, sent.length);
      assert.deepEqual(latest(cut, start + 9e7), latest(whole, start + 9e7));
    }),
  );
});

test('a task restored from its snapshot goes on as if nothing had happened', () => {
  fc.assert(
    fc.property(anyRecords, fc.nat(60), (sent, cut) => {
      const undisturbed = newTask();
      const expected = vectors(undisturbed, sent, 7);
      const first = newTask();
      const before = vectors(first, sent.slice(0, cut), 7);
      const second = restarted(first);
      assert.deepEqual([...before, ...vectors(second, sent.slice(cut), 7)], expected);
      assert.equal(second.n, undisturbed.n);
      assert.deepEqual(latest(second, start + 9e7), latest(undisturbed, start + 9e7));
    }),
  );
});

test('records that come again are dropped, also after a restart', () => {
  fc.assert(
    fc.property(anyRecords, fc.nat(60), fc.nat(60), (sent, one, other) => {
      const [from, to] = [Math.min(one, other), Math.max(one, other)];
      const undisturbed = newTask();
      const expected = vectors(undisturbed, sent, 5);
      const task = newTask();
      const before = vectors(task, sent.slice(0, to), 5);
      const again = restarted(task);
      const after = vectors(again, sent.slice(from), 4); // ingest read from an earlier place
      assert.deepEqual([...before, ...after], expected);
      assert.equal(again.n, undisturbed.n);
      assert.equal(again.repeated, Math.max(0, Math.min(to, sent.length) - from));
    }),
  );
});

test("an update of a person's own row names the person, another table's update nobody", () => {
  const task = newTask();
  const visit = { who: '7', item: 1, kind: 'look' };
  const sent: Sent[] = [
    { topic: 'people', offset: 0, atMs: start, row: { who: 7, tier: 'gold' } }, // not seen yet
    { topic: 'visits', offset: 0, atMs: start, row: visit },
    { topic: 'items', offset: 0, atMs: start, row: { item: 1, price: 3 } },
  ];
  assert.deepEqual(task.process(wholeFrame(batchOf(sent))).updated, [new Set()]);
  const update: Sent = { topic: 'people', offset: 1, atMs: start + 1, row: { who: 7, tier: null } };
  assert.deepEqual(task.process(wholeFrame(batchOf([update]))).updated, [new Set([1])]);
});

test("only ticks of the stage's own events move its watermark, each at its place", () => {
  const task = newTask();
  const minute = (n: number) => start + n * 60_000;
  const price = (offset: number, atMinute: number, value: number): Sent => {
    return { topic: 'items', offset, atMs: minute(atMinute), row: { item: 1, price: value } };
  };
  const ticks = [
    { index: 0, topic: 'items', watermarkMs: minute(999) },
    { index: 2, topic: 'visits', watermarkMs: minute(120) },
  ];
  task.process(wholeFrame(batchOf([price(0, 0, 5), price(1, 10, 6)], { ticks })));
  assert.equal(task.watermarkMs, minute(120));
  // Lateness 60 min: from here on only minute 60 and later is asked for, and 0 folds into 10.
  task.process(wholeFrame(batchOf([price(2, 70, 7)], { batch: 1 })));
  const visit = (offset: number, atMinute: number): Sent => {
    const row = { who: 'ann', item: 1, kind: 'buy' };
    return { topic: 'visits', offset, atMs: minute(atMinute), row };
  };
  const lines = vectors(task, [visit(0, 60), visit(1, 70), visit(2, 71)], 1);
  const spent = lines.map((line) => JSON.parse(line).features.spent);
  assert.deepEqual(spent, [0, 6, 13]);
});

test('a frame of nothing but ticks moves time', () => {
  const task = newTask();
  const ticks = [{ index: 0, topic: 'visits', watermarkMs: start }];
  const { blocks, updated } = task.process(wholeFrame(batchOf([], { ticks })));
  assert.equal(task.watermarkMs, start);
  assert.equal(blocks[0]!.count, 0);
  assert.deepEqual(updated, [new Set()]);
  assert.equal(restarted(task).watermarkMs, start);
  assert.equal(restarted(newTask()).watermarkMs, -Infinity);
});

test('what is read at an event is read at its very place in the log', () => {
  const probe = {
    view: 'person',
    wants: (row: Readonly<Record<string, unknown>>) => row.kind === 'buy',
    read: (
      row: Readonly<Record<string, unknown>>,
      timeMs: number,
      tables: readonly { find: (k: never, t: number, m: number) => number; columns: object }[],
    ) => {
      const [prices] = tables;
      const version = prices!.find(row.item as never, timeMs, Infinity);
      return [(prices!.columns as Record<string, unknown[]>).price![version]];
    },
  };
  const task = new FeatureTask(byPerson, 0, topics, { ...settings, probes: [probe] });
  const visit = (offset: number, kind: string): Sent => {
    return { topic: 'visits', offset, atMs: start + 9, row: { who: 1, item: 1, kind } };
  };
  const price = (offset: number, value: number): Sent => {
    return { topic: 'items', offset, atMs: start, row: { item: 1, price: value } };
  };
  const sent = [visit(0, 'buy'), price(0, 4), visit(1, 'look'), visit(2, 'buy'), price(1, 5)];
  const { blocks } = task.process(wholeFrame(batchOf(sent)));
  assert.deepEqual(blocks[0]!.probed, [[[null], null, [4]]]);
});
