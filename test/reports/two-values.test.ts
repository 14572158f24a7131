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

/** A flag that is set in 2 % of the rows, in as many as said from a row on. */
async function monitored(later: number, from = 3000) {
  const random = createRandom(11, 0);
  const [reference, input] = [join(directory, 'r.csv'), join(directory, 'i.csv')];
  const flag = (row: number) => (random.unit() < (row < from ? 0.02 : later) ? 1 : 0);
  writeColumns(reference, 10_000, { flag: () => flag(0) });
  writeColumns(input, 6000, { flag });
  const report = new KeptReport();
  await monitorWindows(
    { ...monitorSettings({ reference, input }), window: 1000, slide: 100 },
    report,
  );
  return report;
}

test('the tests of a flag have one p-value, by the test of two shares', async () => {
  const { results } = await monitored(0.02);
  for (const { method, critical } of results) {
    assert.match(method, /^(g-test|fisher)/);
    assert.equal(critical, null);
  }
  const ends = new Set(results.map(({ window }) => window.to));
  assert.equal(ends.size, 51);
  for (const end of ends) {
    const lines = results.filter(({ window }) => window.to === end);
    assert.deepEqual(
      new Set(lines.map(({ test: name }) => name)),
      new Set(['psi', 'ks', 'rank-sum']),
    );
    assert.equal(new Set(lines.map(({ pValue }) => pValue)).size, 1);
  }
});

test('a rare flag that is set four times as often is drift of ks, by its size of effect', async () => {
  const report = await monitored(0.09);
  const [episode] = report.episodes;
  assert.ok(episode !== undefined && episode.opened > 3000 && episode.opened <= 4000);
  const opening = report.results.filter(({ window }) => window.to === episode.opened);
  assert.deepEqual(
    opening.filter(({ verdict }) => verdict === 'drift').map(({ test: name }) => name),
    ['ks'],
  );
  assert.equal((await monitored(0.02)).episodes.length, 0);
});
