import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusedFrame, routeBatch } from '../../src/operators/route-batch.js';
import { partitionOf, stagesOf, topicsOf } from '../../src/operators/stage.js';
import { batchOf, byPerson, byThing, person, type Sent, thing, topics } from './frames.js';

const atMs = Date.UTC(2025, 0, 1);
const visit = (offset: number, who: string | number, item: number): Sent => {
  return { topic: 'visits', offset, atMs, row: { who, item, kind: 'look' } };
};

test('views over one topic with one key share a stage, whose name is theirs', () => {
  const twin = { ...person.definition, name: 'twin' };
  const stages = stagesOf([person.definition, thing.definition, twin]);
  assert.deepEqual(
    stages.map(({ name, key, views }) => [name, key, views.length]),
    [
      ['person-twin', 'who', 2],
      ['thing', 'item', 1],
    ],
  );
});

test('topics are named once, events first', () => {
  const names = topicsOf([thing.definition, person.definition]).map(({ topic }) => topic);
  assert.deepEqual(names, ['visits', 'items', 'people', 'season']);
});

test('events go by key, a table by its own key only where nobody joins it otherwise', () => {
  const routes = (stage: typeof byPerson) =>
    Object.fromEntries(topics.map(({ topic }, i) => [topic, stage.routes[i]]));
  assert.deepEqual(routes(byPerson), {
    visits: { kind: 'key', column: 'who' },
    items: { kind: 'copy' },
    people: { kind: 'key', column: 'who' },
    season: { kind: 'copy' },
  });
  assert.deepEqual(routes(byThing), {
    visits: { kind: 'key', column: 'item' },
    items: { kind: 'key', column: 'item' },
    people: { kind: 'none' },
    season: { kind: 'none' },
  });
});

test('every used record is in the frames it belongs to, in order, and the rest in the refused one', () => {
  const sent: Sent[] = Array.from({ length: 60 }, (_, i) => {
    if (i % 10 === 3) return { ...visit(i, i % 7, i), verdict: 'late' };
    if (i % 10 === 5) return { topic: 'items', offset: i, atMs, row: { item: i, price: 1 } };
    return visit(i, i % 2 === 0 ? i % 7 : String(i % 7), i % 5);
  });
  const batch = batchOf(sent);
  const frames = routeBatch(batch, byPerson, 4);
  assert.equal(frames.length, 4);
  for (const [partition, frame] of frames.entries()) {
    const expected = sent.flatMap(({ topic, row, verdict }, i) => {
      if (verdict === 'late') return [];
      const isOwn = topic === 'items' || partitionOf(row.who as number, 4) === partition;
      return isOwn ? [i] : [];
    });
    assert.deepEqual([...frame.index], expected);
    assert.deepEqual([...frame.order], expected);
    assert.equal(frame.count, expected.length);
  }
  assert.deepEqual([...refusedFrame(batch).index], [3, 13, 23, 33, 43, 53]);
});
