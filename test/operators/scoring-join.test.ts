import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeHalves, encodeHalves, type HalfFrame } from '../../src/operators/half-frame.js';
import { layoutOf, type Side } from '../../src/operators/half-layout.js';
import { type JoinLimits, type Released, ScoringJoin } from '../../src/operators/scoring-join.js';
import { sampleModel } from '../models/sample-model.js';

const layout = layoutOf(sampleModel('none.json'));
const limits: JoinLimits = { waitMs: 100, waitMsMax: 1_000, pendingMax: 50 };

/** Rows as [source partition, offset, n]; the vector's one number is the offset, 0.5 more. */
type Row = readonly [partition: number, offset: number, n: number];

function half(
  side: Side,
  rows: readonly Row[],
  options: {
    from?: number;
    ticks?: HalfFrame['ticks'];
    outcomes?: HalfFrame['outcomes'];
  } = {},
): HalfFrame {
  const { from = 0, ticks = [], outcomes = [] } = options;
  const frame: HalfFrame = {
    model: 'sample',
    layout: layout.hash,
    side,
    from,
    ticks,
    count: rows.length,
    partitions: Int32Array.from(rows, ([partition]) => partition),
    offsets: Float64Array.from(rows, ([, offset]) => offset),
    timesMs: Float64Array.from(rows, ([, offset]) => 1_000 + offset),
    n: Float64Array.from(rows, ([, , n]) => n),
    peers: Int32Array.from(rows, () => 3),
    numbers: Float64Array.from(rows, ([, offset]) => (side === 'first' ? offset : offset + 0.5)),
    others: [],
    keys: side === 'first' ? rows.map(([, offset]) => `k${offset}`) : [],
    columns: side === 'first' ? rows.map(([, offset]) => [offset, ['a']]) : [],
    items: side === 'first' ? rows.map(([, offset]) => `i${offset}`) : [],
    outcomes,
  };
  return decodeHalves(encodeHalves(frame));
}

/** `offset` joined, `-offset` without its second half, `t…` a tick, `key item` an outcome. */
function told(released: readonly Released[]): (number | string)[] {
  return released.map((one) => {
    if (one.kind === 'tick') return `t${one.watermarkMs}`;
    if (one.kind === 'outcome') return `${one.key} ${one.item}`;
    const { offset, first, second } = one.event;
    assert.equal(one.item, `i${offset}`);
    assert.equal(first.numbers[first.n], offset);
    if (second !== null) assert.equal(second.numbers[second.n], offset + 0.5);
    return second === null ? -offset : offset;
  });
}

const restarted = (join: ScoringJoin, nowMs = 0): ScoringJoin => {
  const next = new ScoringJoin(layout, limits);
  next.restore(JSON.parse(JSON.stringify(join.dump())), nowMs);
  return next;
};

test('only what the model reads travels, each value where the layout says', () => {
  const { first, second } = layout;
  const name = ({ view, read }: typeof first) => read.map((i) => view.features[i]!.name);
  assert.deepEqual([name(first), name(second)], [['mean_price'], ['listed']]);
  assert.deepEqual([first.numbers, first.others, second.numbers, second.others], [1, 0, 1, 0]);
});

test('events leave in the order of the first halves, numbered, whatever came first', () => {
  const join = new ScoringJoin(layout, limits);
  join.take(half('second', [[0, 7, 1]], { from: 3 }), 0);
  join.take(
    half('first', [
      [0, 5, 10],
      [1, 5, 11],
      [0, 7, 14],
    ]),
    0,
  );
  assert.deepEqual(told(join.release(0, false)), []);
  join.take(half('second', [[1, 5, 4]], { from: 2 }), 0);
  assert.deepEqual(told(join.release(0, false)), []);
  join.take(half('second', [[0, 5, 9]], { from: 1 }), 0);
  const released = join.release(0, false);
  assert.deepEqual(told(released), [5, 5, 7]);
  assert.deepEqual(
    released.map((one) => one.kind === 'event' && [one.event.n, one.event.sourcePartition]),
    [
      [0, 0],
      [1, 1],
      [2, 0],
    ],
  );
  assert.deepEqual([join.pending, join.missing], [{ firsts: 0, seconds: 0 }, 0]);
});

test('ticks keep their place among the events, and each is told once', () => {
  const join = new ScoringJoin(layout, limits);
  const ticks = [
    { row: 0, watermarkMs: 60 },
    { row: 1, watermarkMs: 120 },
  ];
  const frame = half(
    'first',
    [
      [0, 1, 0],
      [0, 2, 1],
    ],
    { ticks },
  );
  join.take(frame, 0);
  join.take(
    half('second', [
      [0, 1, 0],
      [0, 2, 1],
    ]),
    0,
  );
  join.take(frame, 0);
  join.take(half('first', [], { ticks: [{ row: 0, watermarkMs: 180 }] }), 0);
  assert.deepEqual(told(join.release(0, false)), ['t60', 1, 't120', 2, 't180']);
  assert.equal(join.repeated, 2);
});

test('a silent peer is waited for so long, one that goes on longer, but not for ever', () => {
  const join = new ScoringJoin(layout, limits);
  join.take(half('first', [[0, 1, 0]]), 0);
  assert.deepEqual(told(join.release(99, false)), []);
  assert.deepEqual(told(join.release(100, true)), [], 'the log is not read to its end');
  join.take(half('second', [[5, 1, 0]], { from: 3 }), 90);
  assert.deepEqual(told(join.release(189, false)), []);
  for (let nowMs = 150; nowMs < 1_000; nowMs += 50)
    join.take(half('second', [[5, 1, 0]], { from: 3 }), nowMs);
  assert.deepEqual(told(join.release(999, false)), []);
  assert.deepEqual(told(join.release(1_000, false)), [-1]);
  assert.equal(join.missing, 1);
});

test('a second half that comes too late is counted and let go', () => {
  const join = new ScoringJoin(layout, limits);
  join.take(
    half('first', [
      [0, 1, 0],
      [0, 3, 1],
    ]),
    0,
  );
  assert.deepEqual(told(join.release(100, false)), [-1, -3]);
  join.take(half('second', [[0, 1, 0]], { from: 3 }), 200);
  const again = restarted(join);
  again.take(half('second', [[0, 3, 1]], { from: 3 }), 200);
  assert.deepEqual([again.pending, again.unclaimed], [{ firsts: 0, seconds: 0 }, 2]);
});

test('no more wait than the limit says: the oldest event goes, the oldest half is let go', () => {
  const join = new ScoringJoin(layout, limits);
  const rows = Array.from({ length: 52 }, (_, i): Row => [0, i + 1, i]);
  join.take(half('first', rows), 0);
  assert.deepEqual(told(join.release(0, true)), [-1, -2]);
  join.take(
    half(
      'second',
      rows.map(([, offset, n]): Row => [1, offset, n]),
    ),
    0,
  );
  assert.deepEqual([join.pending.seconds, join.unclaimed], [50, 2]);
});

test('a join restored at any point goes on as if nothing was, and drops what comes again', () => {
  const firsts = half(
    'first',
    [
      [0, 1, 0],
      [1, 1, 3],
      [0, 2, 5],
    ],
    {
      ticks: [{ row: 2, watermarkMs: 60 }],
    },
  );
  const seconds = [
    half('second', [[0, 2, 7]], { from: 1 }),
    half('second', [
      [0, 1, 2],
      [1, 1, 3],
    ]),
  ];
  let join = new ScoringJoin(layout, limits);
  for (const frame of [seconds[0]!, firsts, seconds[0]!, firsts]) {
    join.take(frame, 0);
    join = restarted(join);
  }
  assert.deepEqual(join.pending, { firsts: 2, seconds: 0 });
  join.take(seconds[1]!, 0);
  assert.deepEqual(told(restarted(join).release(0, false)), [1, 1, 't60', 2]);
  assert.deepEqual(told(join.release(0, false)), [1, 1, 't60', 2]);
  assert.deepEqual([join.missing, join.repeated], [0, 4]);
});

test('outcomes keep their place among events and ticks, once, over a restart too', () => {
  const join = new ScoringJoin(layout, limits);
  const outcome = (row: number, ticks: number, n: number) => {
    return { row, ticks, n, key: `u${n}`, item: 'i1', timeMs: 5 };
  };
  const ticks = [
    { row: 0, watermarkMs: 60_000 },
    { row: 1, watermarkMs: 120_000 },
  ];
  const outcomes = [outcome(0, 0, 1), outcome(1, 1, 3), outcome(1, 2, 4)];
  const first = half('first', [[0, 10, 2]], { ticks, outcomes });
  join.take(first, 0);
  assert.deepEqual(told(join.release(0, true)), ['u1 i1', 't60000']);
  const again = restarted(join);
  again.take(first, 0);
  again.take(half('second', [[0, 10, 0]]), 0);
  assert.deepEqual(told(again.release(0, true)), [10, 'u3 i1', 't120000', 'u4 i1']);
});
