import assert from 'node:assert/strict';
import { test } from 'node:test';
import { familyChance, quietColumns, quietCounts } from '../proof/monitor-quiet-run.js';

/** In small windows, where no size of effect stands between a wrong p-value and an alarm. */
const design = { columns: 50, nReference: 2000, nWindow: 200, slide: 20, looks: 200 };

for (const name of [
  'flag (0.1 % set)',
  'flag (5 % set)',
  'categories (70, 20, 6, 2, 1, 0.5, 0.5 %)',
]) {
  test(`columns that do not drift keep to the promise: ${name}`, () => {
    const { streams, significant, drifted } = quietCounts(quietColumns[name]!, design, 1);
    // A thousandth of the streams may, which makes 5 % of fifty columns.
    assert.ok(significant <= 1, `${significant} of ${streams} streams`);
    assert.ok(drifted <= significant);
  });
}

test('the chance of a family is that of any of its columns', () => {
  const { chance, error } = familyChance(1, 1000, 50);
  assert.ok(Math.abs(chance - (1 - 0.999 ** 50)) < 1e-12);
  assert.ok(error > 0.04 && error < 0.06);
  assert.equal(familyChance(0, 1000, 50).chance, 0);
});
