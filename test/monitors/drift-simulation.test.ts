import assert from 'node:assert/strict';
import { test } from 'node:test';
import { driftStrength, parseDrift } from '../../src/generate/drifts.js';
import { dayMs, type Run, simulate, startMs } from './simulation.js';

const world = { features: 50, entities: 1500, loyalty: 0.5 };
const days = ({ emissions }: Run) =>
  emissions.map((one) => {
    const what = one.kind === 'alert' ? one.phase : 'retraining';
    return [what, (one.timeMs - startMs) / dayMs] as const;
  });

test('sixty days of fifty features without drift raise no alarm', () => {
  for (const seed of [1, 2]) {
    const run = simulate({ ...world, seed }, 14, 60);
    assert.deepEqual(run.emissions, []);
    assert.equal(run.checks.length, 60 * (50 * 2 + 1)); // PSI and KS of each, MMD of all
    assert.ok(run.checks.every((check) => check.verdict === 'ok'));
  }
});

test('a sudden shift of one feature is found in two periods, with one episode and one event', () => {
  for (const seed of [3, 4]) {
    const shift = (day: number) => (day >= 20 ? 0.8 : 0);
    const run = simulate({ ...world, seed, features: 12, shift }, 14, 30);
    assert.deepEqual(days(run), [
      ['opened', 22],
      ['retraining', 22],
    ]);
    const [alert] = run.emissions;
    assert.deepEqual(alert?.kind === 'alert' && alert.features, ['user.f0']);
  }
});

test('recovery closes the episode; drift within the cool-down makes no second event', () => {
  const shift = (day: number) => ((day >= 18 && day < 23) || (day >= 28 && day < 31) ? 1 : 0);
  const run = simulate({ ...world, seed: 6, features: 12, shift }, 14, 26);
  assert.deepEqual(days(run), [
    ['opened', 20],
    ['retraining', 20],
    ['closed', 25],
  ]);
  assert.ok(run.state.suppressed > 0);
});

test('a drift that comes again beyond the cool-down is told again, with all rows advised', () => {
  const recurring = [parseDrift('devices@day16+4/14')];
  const shift = (day: number) => driftStrength(recurring, 'devices', day);
  const run = simulate({ ...world, seed: 5, features: 12, shift }, 14, 22);
  assert.deepEqual(days(run), [
    ['opened', 18],
    ['retraining', 18],
    ['closed', 22],
    ['opened', 32],
    ['retraining', 32],
    ['closed', 36],
  ]);
  const advised = run.emissions.flatMap((one) => (one.kind === 'retraining' ? one.strategy : []));
  assert.deepEqual(advised, ['sliding-window', 'full']);
});

test('a small shift is significant but no drift', () => {
  const shift = (day: number) => (day >= 14 ? 0.3 : 0);
  const run = simulate({ ...world, seed: 7, features: 12, shift }, 14, 10);
  assert.deepEqual(run.emissions, []);
  const shifted = run.checks.filter((check) => check.feature === 'user.f0');
  assert.ok(shifted.some((check) => check.pValue! < check.level!));
});
