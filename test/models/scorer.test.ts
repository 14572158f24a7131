import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BatchModel, Scorer } from '../../src/models/scorer.js';

/** Scores a row as its only input plus a hundredth of its place; fails as often as told. */
function plainModel(failures = 0): BatchModel & { readonly runs: number } {
  const rows = new Float32Array(64);
  let left = failures;
  let runs = 0;
  return {
    inputCount: 1,
    rows,
    get runs() {
      return runs;
    },
    run: async () => {
      runs++;
      if (left-- > 0) throw new Error('out of memory');
      return rows.map((value, place) => value + place / 128);
    },
  };
}

const row = (position: number, value: number) => ({
  position,
  inputs: Float64Array.of(-1, value),
  at: 1,
});

test("a row's place in the batch is its position modulo 64", async () => {
  const model = plainModel();
  const scores = await new Scorer(model).score([row(3, 1), row(64, 2), row(191, 4)]);
  assert.deepEqual(scores, [1 + 3 / 128, 2, 4 + 63 / 128]);
  assert.equal(model.runs, 1);
});

test('rows that want the same place go to further batches and answers keep the order', async () => {
  const model = plainModel();
  const scores = await new Scorer(model).score([row(0, 1), row(64, 2), row(1, 4), row(128, 8)]);
  assert.deepEqual(scores, [1, 2, 4 + 1 / 128, 8]);
  assert.equal(model.runs, 3);
});

test('a model that fails once is tried again', async () => {
  const scorer = new Scorer(plainModel(1));
  assert.deepEqual(await scorer.score([row(0, 5)]), [5]);
  assert.deepEqual([scorer.retried, scorer.failed], [1, 0]);
});

test('a model that fails twice gives null scores, counted, and the next batch goes on', async () => {
  const scorer = new Scorer(plainModel(2));
  assert.deepEqual(await scorer.score([row(0, 5), row(64, 6)]), [null, 6]);
  assert.deepEqual([scorer.retried, scorer.failed], [1, 1]);
});

test('an output that is no number is a null score', async () => {
  const scorer = new Scorer(plainModel());
  assert.deepEqual(await scorer.score([row(0, Number.NaN), row(1, Infinity)]), [null, null]);
});

test('calls wait their turn, so that their rows do not mix', async () => {
  const scorer = new Scorer(plainModel());
  const answers = await Promise.all([
    scorer.score([row(0, 1)]),
    scorer.score([]),
    scorer.score([row(0, 2)]),
  ]);
  assert.deepEqual(answers, [[1], [], [2]]);
});
test('scorers of two partitions that share a model never see the rows of each other', async () => {
  const rows = new Float32Array(64);
  // As onnxruntime-node: the rows are read a turn after the call.
  const run = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return rows.slice();
  };
  const model = { inputCount: 1, rows, run };
  const scorers = [new Scorer(model), new Scorer(model)];
  const scores = await Promise.all(scorers.map((one, i) => one.score([row(7, i + 1)])));
  assert.deepEqual(scores, [[1], [2]]);
});
