import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { freezeJoint, jointSums, jointTest } from '../../src/reports/joint-test.js';
import { monitorFiles } from '../../src/reports/monitor-files.js';
import { monitorWindows } from '../../src/reports/monitor-windows.js';
import type { TestName } from '../../src/reports/report.js';
import { KeptReport } from './read-report.js';
import { monitorSettings } from './settings.js';
import { normal, uniform, writeColumns } from './streams.js';

const directory = mkdtempSync(join(tmpdir(), 'weir-joint-'));
after(() => rmSync(directory, { recursive: true }));
const [reference, input] = [join(directory, 'r.csv'), join(directory, 'i.csv')];

/** Two normal columns that go together from `turns` on, and a category. */
function pair(seed: number, turns: number) {
  const [x, y, letter] = [normal(seed), normal(seed + 1), uniform(seed + 2)];
  let last = 0;
  const own = (row: number) => (row >= turns ? 0.7 * last + Math.sqrt(0.51) * y() : y());
  return {
    x: () => {
      last = x();
      return last;
    },
    y: own,
    letter: () => (letter() < 0.5 ? 'a' : 'b'),
  };
}

const tests = (...named: TestName[]) => ({
  ...monitorSettings({ reference, input }),
  tests: named,
});

test('columns that come to hang together are drift of all together, over whole files', async () => {
  writeColumns(reference, 3000, pair(1, Number.POSITIVE_INFINITY));
  writeColumns(input, 2000, pair(11, 0));
  const report = new KeptReport();
  await monitorFiles(tests('psi', 'ks', 'mmd'), report);
  const [found] = report.of('*');
  assert.deepEqual([found?.test, found?.verdict], ['mmd', 'drift']);
  assert.deepEqual([found?.nReference, found?.nCurrent], [3000, 2000]);
  assert.ok(found!.pValue! < 1e-6 && found!.statistic! > found!.critical!);
  assert.deepEqual(report.summary?.drifted, ['*']);
});

test('they are one episode, over windows, where no test of a column says anything', async () => {
  writeColumns(reference, 10_000, pair(1, Number.POSITIVE_INFINITY));
  writeColumns(input, 9000, pair(11, 4000));
  const report = new KeptReport();
  const windows = { window: 1000, slide: 100 };
  await monitorWindows({ ...tests('psi', 'ks', 'rank-sum', 'mmd'), ...windows }, report);
  assert.deepEqual(
    report.episodes.map(({ columns, closed }) => [columns, closed]),
    [[['*'], null]],
  );
  const { opened } = report.episodes[0]!;
  assert.ok(opened > 4000 && opened <= 5000, `opened at ${opened}`);
});

test('it is not looked at by default, and says so where there are no numbers', async () => {
  writeColumns(reference, 400, pair(1, Number.POSITIVE_INFINITY));
  writeColumns(input, 400, pair(11, 0));
  const report = new KeptReport();
  await monitorFiles(monitorSettings({ reference, input }), report);
  assert.deepEqual(report.of('*'), []);
  const letters = new KeptReport();
  await monitorFiles({ ...tests('mmd'), columns: ['letter'] }, letters);
  assert.equal(letters.of('*')[0]?.verdict, 'insufficient-data');
});

test('without drift p is below 5 % in 5 % of samples', () => {
  const draw = normal(5);
  const sample = (rows: number) => {
    const shared = Float64Array.from({ length: rows }, draw);
    const beside = shared.map((x) => Math.exp(x / 2) + draw());
    return [
      { name: 'x', values: shared, every: 1, inflation: 1 },
      { name: 'y', values: beside, every: 1, inflation: 1 },
    ];
  };
  const frozen = freezeJoint(sample(10_000));
  const runs = 400;
  let below = 0;
  for (let run = 0; run < runs; run++) {
    if (jointTest(frozen, jointSums(frozen.map, sample(100)), 0.05).pValue! < 0.05) below++;
  }
  // Three standard errors are 0.033.
  assert.ok(Math.abs(below / runs - 0.05) < 0.033, `${below} of ${runs}`);
});

test('calm and wild times that come and go are no drift of all together', async () => {
  const wild = (seed: number) => {
    const [step, noise] = [normal(seed), normal(seed + 1)];
    let level = 0;
    return {
      x: () => {
        level = 0.995 * level + 0.07 * step();
        return noise() * Math.exp(level);
      },
    };
  };
  writeColumns(reference, 10_000, wild(2));
  writeColumns(input, 20_000, wild(12));
  const report = new KeptReport();
  await monitorWindows({ ...tests('mmd'), window: 1000, slide: 100 }, report);
  assert.deepEqual(report.episodes, []);
});
