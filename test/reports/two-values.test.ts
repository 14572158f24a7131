import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createRandom } from '../../src/generate/random.js';
import { monitorWindows } from '../../src/reports/monitor-windows.js';
import { KeptReport } from './read-report.js';
import { monitorSettings } from './settings.js';
import { writeColumns } from './streams.js';

const directory = mkdtempSync(join(tmpdir(), 'weir-two-values-'));
after(() => rmSync(directory, { recursive: true }));

/** A flag, and a truth, of 2 % of the rows, of as many as said from a row on. */
async function monitored(later: number, from = 3000) {
  const random = createRandom(11, 0);
  const [reference, input] = [join(directory, 'r.csv'), join(directory, 'i.csv')];
  const isSet = (row: number) => random.unit() < (row < from ? 0.02 : later);
  const flag = (row: number) => (isSet(row) ? 1 : 0);
  const truth = (row: number) => String(isSet(row));
  writeColumns(reference, 10_000, { flag: () => flag(0), truth: () => truth(0) });
  writeColumns(input, 6000, { flag, truth });
  const report = new KeptReport();
  const windows = { window: 1000, slide: 100 };
  await monitorWindows({ ...monitorSettings({ reference, input }), ...windows }, report);
  return report;
}

for (const [column, tests] of [
  ['flag', ['psi', 'ks', 'rank-sum']],
  ['truth', ['psi', 'chi2']],
] as const) {
  test(`the tests of a ${column} have one p-value, by the test of two shares`, async () => {
    const results = (await monitored(0.02)).results.filter((one) => one.column === column);
    const ends = new Set(results.map(({ window }) => window.to));
    assert.equal(ends.size, 51);
    for (const end of ends) {
      const lines = results.filter(({ window }) => window.to === end);
      assert.deepEqual(
        lines.map((one) => one.test),
        tests,
      );
      assert.equal(new Set(lines.map(({ pValue }) => pValue)).size, 1);
      for (const { method } of lines) assert.match(method, /^(g-test|fisher)/);
    }
  });
}

test('a rare flag that is set four times as often is drift of ks, by its size of effect', async () => {
  const report = await monitored(0.09);
  const [episode] = report.episodes;
  assert.ok(episode !== undefined && episode.opened > 3000 && episode.opened <= 4000);
  for (const [column, first] of [
    ['flag', 'ks'],
    ['truth', 'chi2'],
  ]) {
    const drift = report.results.filter((one) => one.column === column && one.verdict === 'drift');
    assert.ok(
      drift.some(({ window, test: name }) => window.to <= 4000 && name === first),
      column,
    );
  }
  assert.equal((await monitored(0.02)).episodes.length, 0);
});
