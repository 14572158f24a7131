import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { EpisodeTracker, type Look } from '../../src/reports/episode-tracker.js';
import { monitorWindows } from '../../src/reports/monitor-windows.js';
import { verdictOf } from '../../src/reports/verdict.js';
import { looksByDefault } from '../../src/reports/window-level.js';
import { commandAlarm, delayQuantile, delayRun, goalDesign } from '../proof/delay-run.js';
import { KeptReport } from './read-report.js';
import { monitorSettings } from './settings.js';
import { normal, writeColumns } from './streams.js';

const directory = mkdtempSync(join(tmpdir(), 'weir-opening-'));
after(() => rmSync(directory, { recursive: true }));

/** Episodes of one column by what its looks say, one every 100 rows: high, low or between. */
function episodesOf(looks: string) {
  const same = { changed: () => [], isAlike: () => true };
  const tracker = new EpisodeTracker(['x'], 1000, same);
  const seen = [...looks].map((say, i): Look => {
    const counts = new Uint32Array(1);
    const said = { isHigh: () => say === 'H', isLow: () => say === 'L' };
    return { to: 1000 + 100 * i, time: null, counts, ...said };
  });
  for (const look of seen) tracker.look(look);
  return tracker.finish(seen.at(-1)!).map(({ opened, closed }) => [opened, closed]);
}

test('one look that is drift opens an episode, two of three that show no trace close it', () => {
  assert.deepEqual(episodesOf('LLLLLLLLLLLL'), []);
  assert.deepEqual(episodesOf('LLHHHHHHHHHH'), [[1200, null]]);
  assert.deepEqual(episodesOf('LLH-L-------'), [[1200, null]]);
  assert.deepEqual(episodesOf('LLH-L-L-----'), [[1200, 1600]]);
});

test('what is significant is drift from the limit on, a warning from half of it', () => {
  const verdicts = (effects: readonly number[], inflation = 1) =>
    effects.map((effect) => verdictOf('ks', true, effect, inflation));
  assert.deepEqual(verdicts([0.024, 0.026, 0.049, 0.051]), ['ok', 'warning', 'warning', 'drift']);
  assert.equal(verdictOf('ks', false, 0.5), 'ok');
});

test('where rows hang together drift asks for twice the effect', () => {
  assert.equal(verdictOf('ks', true, 0.099, 3), 'warning');
  assert.equal(verdictOf('ks', true, 0.101, 3), 'drift');
});

test('an episode is opened at the first line that says drift, and the summary agrees', async () => {
  const [r, i] = [join(directory, 'r.csv'), join(directory, 'i.csv')];
  const [a, b] = [normal(1), normal(2)];
  writeColumns(r, 10_000, { a, b });
  // As much as is a warning to a rule that asks for a large effect.
  writeColumns(i, 9000, { a: (row) => a() + (row >= 3000 ? 0.3 : 0), b });
  const report = new KeptReport();
  const settings = { ...monitorSettings({ reference: r, input: i }), window: 1000, slide: 100 };
  await monitorWindows(settings, report);
  const first = report.results.find(({ verdict }) => verdict === 'drift');
  assert.equal(report.episodes.length, 1);
  const { opened, closed, columns } = report.episodes[0]!;
  assert.deepEqual([opened, closed, columns], [first?.window.to, null, ['a']]);
  assert.ok(opened > 3000 && opened <= 3900, `opened at ${opened}`);
  assert.deepEqual(report.summary?.drifted, ['a']);
});

test('with 50 columns the median delay by default meets the goals', () => {
  const make = commandAlarm(goalDesign);
  for (const [shift, goal] of [
    [1, 300],
    [0.5, 500],
    [0.25, 800],
  ] as const) {
    const delays = Array.from({ length: 21 }, (_, run) => delayRun(make, shift, 9_000_000 + run));
    const median = delayQuantile(delays, 0.5);
    assert.ok(median !== null && median <= goal, `${shift} sigma: ${median}`);
  }
});

test('by default the fewer the columns, the more windows the promise is for', () => {
  assert.deepEqual([1, 5, 50, 200].map(looksByDefault), [50_000, 10_000, 1000, 1000]);
});
