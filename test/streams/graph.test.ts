import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { from, lastValueFrom, toArray } from 'rxjs';
import { wanted } from '../../src/features/view-state.js';
import { vectorsInOrder } from '../../src/operators/in-order.js';
import type { Step } from '../../src/operators/step.js';
import { vectorJson } from '../../src/records/json.js';
import { Graph, type GraphSettings } from '../../src/streams/graph.js';
import { pipeline } from '../../src/streams/pipeline.js';
import { batchOf, person, type Sent, thing } from '../operators/frames.js';

const shop = pipeline({ name: 'shop', views: [thing, person] });
const start = Date.UTC(2025, 0, 1);

const settings = (partitions: number): GraphSettings => ({
  epoch: 0,
  partitions,
  latenessMs: 3_600_000,
  wanted: wanted.before,
  models: new Map(),
  references: new Map(),
  capturePeriods: null,
});

const anySent = fc
  .array(
    fc.tuple(
      fc.constantFrom('visits', 'visits', 'items', 'people', 'season'),
      fc.nat(6),
      fc.nat(4),
      fc.integer({ min: -20, max: 40 }),
    ),
    { maxLength: 50 },
  )
  .map((list) =>
    list.map(([topic, who, item, by], offset): Sent => {
      const atMs = start + offset * 60_000 + by * 60_000;
      const row = { who: who % 2 === 0 ? who : String(who), item, kind: 'buy', price: by };
      return { topic, offset, atMs, row: { ...row, tier: `t${by}`, name: `s${item}` } };
    }),
  );

async function run(graph: Graph, sent: readonly Sent[], first = 0): Promise<string[]> {
  const delivered: string[] = [];
  const batches: Step[] = [];
  for (let at = 0; at < sent.length; at += 8) {
    const options = { batch: (first + at) / 8, first: first + at };
    batches.push(graph.route(batchOf(sent.slice(at, at + 8), options)));
  }
  const deliver = async (step: Step) => {
    await Promise.resolve();
    for (const vector of vectorsInOrder(step, 0)) delivered.push(vectorJson(vector));
  };
  await lastValueFrom(from(batches).pipe(graph.operators(deliver), toArray()));
  return delivered;
}

const withoutPosition = (line: string) => line.replace(/"position":\[\d+,\d+\]/, '');

test('vectors come in ingest order, then by view, and partitions change nothing but positions', async () => {
  await fc.assert(
    fc.asyncProperty(anySent, fc.integer({ min: 2, max: 5 }), async (sent, partitions) => {
      const lines = await run(new Graph(shop, settings(1)), sent);
      const cut = await run(new Graph(shop, settings(partitions)), sent);
      assert.deepEqual(cut.map(withoutPosition), lines.map(withoutPosition));
      const visits = sent.filter(({ topic }) => topic === 'visits');
      const expected = visits.flatMap(({ offset }) => [`person ${offset}`, `thing ${offset}`]);
      const found = lines.map((line) => JSON.parse(line));
      assert.deepEqual(
        found.map(({ view, offset }) => `${view} ${offset}`),
        expected,
      );
    }),
    { numRuns: 60 },
  );
});

test('a graph restored from its snapshot goes on as if nothing had happened', async () => {
  await fc.assert(
    fc.asyncProperty(anySent, fc.nat(6), async (sent, batches) => {
      const expected = await run(new Graph(shop, settings(3)), sent);
      const first = new Graph(shop, settings(3));
      const before = await run(first, sent.slice(0, batches * 8));
      const parts = new Map<string, Uint8Array>();
      for (const [name, bytes] of first.dump()) parts.set(name, Buffer.concat(bytes));
      const second = new Graph(shop, settings(3));
      second.restore(parts);
      const after = await run(second, sent.slice(batches * 8), batches * 8);
      assert.deepEqual([...before, ...after], expected);
    }),
    { numRuns: 60 },
  );
});

test('the size of a graph counts every key of every view', async () => {
  const graph = new Graph(shop, settings(4));
  const visit = (offset: number, who: number, item: number): Sent => {
    return { topic: 'visits', offset, atMs: start, row: { who, item, kind: 'look' } };
  };
  assert.equal(graph.size().keys, 0);
  const { bytes } = graph.size();
  await run(graph, [visit(0, 1, 1), visit(1, 2, 1), visit(2, 3, 2)]);
  assert.equal(graph.size().keys, 5);
  assert.ok(graph.size().bytes > bytes);
});
