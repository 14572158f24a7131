import assert from 'node:assert/strict';
import { test } from 'node:test';
import { permutationImportance, readersOf } from '../../src/models/permutation-importance.js';
import { ranker } from '../../src/pipelines/places-ranker.js';
import { createUniform } from '../../src/stats/random.js';

const at = (name: string): number => ranker.inputs.findIndex((input) => input.name === name);

test('a feature is read by every input that hangs on it, an input by itself alone', () => {
  const readers = readersOf(ranker);
  const names = (feature: string) => readers.get(feature)!.map((one) => ranker.inputs[one]!.name);
  assert.deepEqual(names('user.views_24h'), ['user_views_24h']);
  assert.deepEqual(names('place.price_level'), ['price_difference', 'place_price_level']);
  assert.deepEqual(names('price_difference'), ['price_difference']);
  assert.deepEqual(names('device'), ['device_mobile', 'device_desktop', 'device_tablet']);
  assert.deepEqual(names('category'), ['user_category_share']);
});

test('of a linear score it is the weight times the mean difference of two values', async () => {
  const uniform = createUniform(5);
  const rows = Array.from({ length: 4_000 }, () => {
    return Float64Array.from(ranker.inputs, () => uniform());
  });
  const [first, second, third] = ['user_views_24h', 'price_difference', 'place_price_level'].map(
    at,
  );
  const score = async (list: readonly Float64Array[]) =>
    list.map((row) => 0.6 * row[first!]! - 0.3 * row[second!]! + 0.3 * row[third!]!);
  const found = await permutationImportance(ranker, rows, score, 1);
  // |U - U'| of two uniform numbers has mean 1/3.
  const near = (name: string, expected: number) =>
    assert.ok(Math.abs(found[name]! / expected - 1) < 0.05, `${name} ${found[name]}`);
  near('user_views_24h', 0.2);
  near('user.views_24h', 0.2);
  near('price_difference', 0.1);
  // Both inputs of it together: 0.3 times |A - B| of two differences of two, mean 0.3 * 7/15.
  near('place.price_level', (0.3 * 7) / 15);
  assert.equal(found.temperature, 0);
  assert.deepEqual(await permutationImportance(ranker, rows, score, 1), found);
});
