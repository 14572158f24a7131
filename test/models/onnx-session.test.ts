import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { batchRows, OnnxSession } from '../../src/models/onnx-session.js';
import { Scorer } from '../../src/models/scorer.js';

const modelPath = fileURLToPath(new URL('../../../models/places-ranker.onnx', import.meta.url));

/** Rows with scores that models/train/train.py computed in numpy. */
const golden: { inputs: (number | null)[][]; scores: number[] } = JSON.parse(
  readFileSync(new URL('../../../test/models/golden/places-ranker.json', import.meta.url), 'utf8'),
);
const inputRows = golden.inputs.map((row) => Float64Array.from(row, (v) => v ?? Number.NaN));

let session: OnnxSession;
before(async () => {
  session = await OnnxSession.open(readFileSync(modelPath), modelPath);
});
after(() => session.close());

const rowAt = (position: number, row: number) => ({ position, inputs: inputRows[row]!, at: 0 });

/** The bits of a float32, so that equal means equal. */
const bits = (scores: readonly (number | null)[]) => [
  ...new Uint32Array(Float32Array.from(scores as number[]).buffer),
];

/** A permutation of 0 … n − 1 from a linear congruential generator (Numerical Recipes). */
function shuffled(n: number, seed: number): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  let state = seed;
  for (let i = n - 1; i > 0; i--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const j = state % (i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

test('scores equal those of the numpy forward pass', async () => {
  const rows = inputRows.map((_, i) => rowAt(i, i));
  const scores = await new Scorer(session).score(rows);
  assert.equal(scores.length, golden.scores.length);
  for (const [i, score] of scores.entries()) {
    const apart = Math.abs(score! - golden.scores[i]!);
    assert.ok(apart <= 1e-6, `row ${i}: ${score} against ${golden.scores[i]}`);
  }
});

test('a row has the same bits alone, in any company and in any order of arrival', async () => {
  const scorer = new Scorer(session);
  const rows = inputRows.map((_, i) => rowAt(i + 5, i));
  const alone: (number | null)[] = [];
  for (const row of rows) alone.push(...(await scorer.score([row])));
  const expected = bits(alone);
  for (const seed of [1, 2, 3, 4, 5]) {
    const order = shuffled(rows.length, seed);
    const cut = seed * 19;
    const parts = [order.slice(0, cut), order.slice(cut)];
    const found = new Array<number>(rows.length);
    for (const part of parts) {
      const scores = bits(await scorer.score(part.map((i) => rows[i]!)));
      for (const [k, i] of part.entries()) found[i] = scores[k]!;
    }
    assert.deepEqual(found, expected);
  }
});

test('a row of nulls and one of extremes have scores', async () => {
  const inputs = Float64Array.from({ length: 2 * session.inputCount }, (_, i) =>
    i < session.inputCount ? Number.NaN : i % 2 === 0 ? 1e300 : -1e300,
  );
  const rows = [0, session.inputCount].map((at, position) => ({ position, inputs, at }));
  for (const score of await new Scorer(session).score(rows)) {
    assert.ok(score !== null && score > 0 && score < 1, String(score));
  }
});

test('a file that is no model is refused with the remedy', async () => {
  await assert.rejects(OnnxSession.open(Uint8Array.of(1, 2, 3), 'x.onnx'), {
    code: 'model-invalid',
    message: /^x\.onnx: expected an ONNX model; found .*; export the model again/,
  });
});

test('the time a batch of 64 rows takes is printed', async (t) => {
  for (let i = 0; i < batchRows; i++) session.rows.set(inputRows[i]!, i * session.inputCount);
  for (let i = 0; i < 50; i++) await session.run();
  const times: number[] = [];
  for (let i = 0; i < 500; i++) {
    const start = performance.now();
    await session.run();
    times.push((performance.now() - start) * 1000);
  }
  times.sort((a, b) => a - b);
  t.diagnostic(`64 rows: median ${times[250]!.toFixed(0)} us, p99 ${times[495]!.toFixed(0)} us`);
});
