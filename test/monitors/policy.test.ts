import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Check } from '../../src/monitors/check.js';
import { monitor } from '../../src/monitors/definition.js';
import { type Emission, emissionId } from '../../src/monitors/emission.js';
import { judge } from '../../src/monitors/policy.js';
import { initialPolicy, type PolicyState } from '../../src/monitors/policy-state.js';
import type { PolicyInput } from '../../src/monitors/policy-step.js';
import { dayMs, startMs } from './simulation.js';

const definition = monitor({
  name: 'drift',
  model: 'ranker',
  policy: { coolDownPeriods: 3, schedule: 'off' },
});
const reference = { id: 'ref-a', hash: 'aa', fromMs: startMs - dayMs, toMs: startMs };

/**
 * One letter per feature: S strong drift, D drift, w between, o low, ? unknown; features a, b, c,
 * ...
 */
function inputOf(day: number, letters: string): PolicyInput {
  const periodStartMs = startMs + day * dayMs;
  const periodEndMs = periodStartMs + dayMs;
  const effects: Record<string, number | null> = { S: 0.9, D: 0.5, w: 0.15, o: 0.01, '?': null };
  const checks = [...letters].map((letter, i): Check => {
    const effect = effects[letter] ?? null;
    return {
      monitor: 'drift',
      model: 'ranker',
      modelVersion: '1',
      subject: 'feature',
      feature: String.fromCharCode(97 + i),
      segment: '',
      test: 'psi',
      periodStartMs,
      periodEndMs,
      referenceId: 'ref-a',
      referenceHash: 'aa',
      statistic: effect,
      nullMean: effect === null ? null : 0.01,
      corrected: effect,
      critical: effect === null ? null : 0.05,
      pValue: effect === null ? null : 0.000_001,
      level: effect === null ? null : 0.000_01,
      effect,
      threshold: 0.2,
      leave: 0.1,
      nReference: 1000,
      nCurrent: 500,
      method: 'chi2',
      verdict:
        letter === 'D' || letter === 'S' ? 'drift' : letter === '?' ? 'insufficient-data' : 'ok',
      detail: '',
    };
  });
  return { kind: 'checks', periodStartMs, periodEndMs, checks, reference };
}

/** Each day's letters; null skips the day. Returns "day what" per emission. */
function play(days: readonly (string | null)[], asked = definition) {
  let state = initialPolicy('ranker', '1');
  const emissions: Emission[] = [];
  const lines: string[] = [];
  days.forEach((letters, day) => {
    if (letters === null) return;
    const step = judge(asked, state, inputOf(day, letters));
    state = step.state;
    emissions.push(...step.emissions);
    for (const one of step.emissions) {
      const what = one.kind === 'alert' ? one.phase : 'retraining';
      lines.push(`${day} ${what} ${one.episodeId}`);
    }
  });
  return { state, emissions, lines };
}

const o = 'oooooooo';
const drift = 'Dooooooo';

test('one drifting period opens nothing', () => {
  assert.deepEqual(play([o, drift, o, o, drift, o, o]).lines, []);
});

test('drift of the same feature in two of three periods opens one episode with one event', () => {
  const opened = ['2 opened drift/1/1', '2 retraining drift/1/1'];
  assert.deepEqual(play([o, drift, drift, drift, drift]).lines, opened);
  const gap = ['2 opened drift/1/1', '2 retraining drift/1/1'];
  assert.deepEqual(play([drift, o, drift]).lines, gap);
  assert.deepEqual(play([drift, '?ooooooo', drift]).lines, gap);
});

test('drift of different features in turn opens nothing', () => {
  assert.deepEqual(play(['Dooooooo', 'oDoooooo', 'ooDooooo', 'oooDoooo']).lines, []);
});

test('periods are counted by time: a gap between them is not skipped', () => {
  assert.deepEqual(play([drift, null, null, drift]).lines, []);
  assert.equal(play([drift, null, drift]).lines.length, 2);
});

test('an episode closes when its features are below the lower level in two of three periods', () => {
  const closed = ['1 opened drift/1/1', '1 retraining drift/1/1', '4 closed drift/1/1'];
  assert.deepEqual(play([drift, drift, o, 'wooooooo', o]).lines, closed);
  // Between the levels, or unknown, is not recovered.
  const w = 'wooooooo';
  assert.equal(play([drift, drift, w, w, w, w]).lines.length, 2);
  const unknown = '?ooooooo';
  assert.equal(play([drift, drift, unknown, unknown, unknown]).lines.length, 2);
});

test('a feature that joins an open episode keeps it open and makes no second event', () => {
  const both = 'DDoooooo';
  const second = 'oDoooooo';
  const { lines, emissions } = play([drift, drift, both, second, second, o, o]);
  assert.deepEqual(lines, ['1 opened drift/1/1', '1 retraining drift/1/1', '6 closed drift/1/1']);
  const last = emissions.at(-1);
  assert.deepEqual(last?.kind === 'alert' && last.features, ['a', 'b']);
});

test('within the cool-down nothing opens; afterwards drift that is still there does', () => {
  const short = play([drift, drift, o, o, drift, drift, drift, o, o, o]);
  assert.deepEqual(short.lines, [
    '1 opened drift/1/1',
    '1 retraining drift/1/1',
    '3 closed drift/1/1',
  ]);
  assert.equal(short.state.suppressed, 2);
  const lasting = play([drift, drift, o, o, drift, drift, drift, drift, drift]);
  assert.deepEqual(lasting.lines.slice(3), ['7 opened drift/1/2', '7 retraining drift/1/2']);
});

test('more than 30 % of the features drifting is a trigger of its own', () => {
  const { emissions } = play(['DDDooooo', 'oooDDDoo']);
  const retraining = emissions.find((one) => one.kind === 'retraining');
  assert.deepEqual(retraining?.triggers, [{ kind: 'feature-share', value: 3 / 8, threshold: 0.3 }]);
  const alert = emissions.find((one) => one.kind === 'alert');
  assert.deepEqual(alert?.kind === 'alert' && alert.features, ['a', 'b', 'c', 'd', 'e', 'f']);
});

test('the features of an opening are named strongest first', () => {
  const [alert] = play(['DSDooooooooo', 'DSDooooooooo']).emissions;
  assert.deepEqual(alert?.kind === 'alert' && alert.features, ['b', 'a', 'c']);
});

test('the event carries the checks of the periods that decided it, and where to train', () => {
  const { emissions } = play([drift, o, drift]);
  const retraining = emissions.find((one) => one.kind === 'retraining');
  assert.deepEqual(
    retraining?.evidence.map((check) => [check.feature, check.periodStartMs]),
    [
      ['a', startMs],
      ['a', startMs + 2 * dayMs],
    ],
  );
  assert.deepEqual(retraining?.triggers, [
    { kind: 'psi', feature: 'a', segment: '', value: 0.5, threshold: 0.2 },
  ]);
  assert.deepEqual(retraining?.reference, reference);
  assert.equal(retraining?.trainingRows.toMs, Date.UTC(2024, 0, 4));
  assert.equal(retraining?.trainingRows.fromMs, Date.UTC(2023, 6, 4));
});

test('a period judged before changes nothing', () => {
  const { state } = play([drift, drift]);
  for (const day of [0, 1]) {
    assert.deepEqual(judge(definition, state, inputOf(day, o)), { state, emissions: [] });
  }
});

test('a new version closes the episode and starts anew; a version that comes back repeats no id', () => {
  const { state } = play([drift, drift]);
  const atMs = startMs + 2 * dayMs;
  const replaced = judge(definition, state, { kind: 'model', version: '2', atMs });
  const [closed] = replaced.emissions;
  assert.equal(replaced.emissions.length, 1);
  assert.equal(closed?.kind === 'alert' && closed.reason, 'model-replaced');
  assert.equal(closed?.episodeId, 'drift/1/1');
  const same = judge(definition, replaced.state, { kind: 'model', version: '2', atMs });
  assert.deepEqual(same, { state: replaced.state, emissions: [] });
  let next = judge(definition, replaced.state, { kind: 'model', version: '1', atMs }).state;
  const ids: string[] = [];
  for (const day of [2, 3]) {
    const step = judge(definition, next, inputOf(day, drift));
    next = step.state;
    ids.push(...step.emissions.map((one) => one.episodeId));
  }
  assert.deepEqual(ids, ['drift/1/2', 'drift/1/2']);
});

const letters = fc.string({
  unit: fc.constantFrom('D', 'w', 'o', '?'),
  minLength: 3,
  maxLength: 3,
});
const histories = fc.array(letters, { maxLength: 40 });

test('a restart from a snapshot at any point gives the same emissions', () => {
  fc.assert(
    fc.property(histories, fc.nat(40), fc.nat(5), (days, at, back) => {
      let state = initialPolicy('ranker', '1');
      const states: PolicyState[] = [state];
      const outputs: (readonly Emission[])[] = [];
      days.forEach((one, day) => {
        const step = judge(definition, state, inputOf(day, one));
        state = step.state;
        states.push(state);
        outputs.push(step.emissions);
      });
      // Restored as JSON, with some of the past delivered again.
      const from = Math.min(at, days.length);
      let again: PolicyState = JSON.parse(JSON.stringify(states[from]));
      const repeated = outputs.slice(0, from);
      days.slice(Math.max(0, from - back)).forEach((one, i) => {
        const step = judge(definition, again, inputOf(Math.max(0, from - back) + i, one));
        again = step.state;
        if (i >= Math.min(back, from)) repeated.push(step.emissions);
        else assert.deepEqual(step.emissions, []);
      });
      assert.deepEqual(repeated, outputs);
      assert.deepEqual(again, state);
    }),
  );
});

test('episodes open and close in turn, each with one event and one id', () => {
  fc.assert(
    fc.property(histories, (days) => {
      const { lines, emissions } = play(days);
      const episodes = new Map<string, string[]>();
      for (const line of lines) {
        const [, what = '', id = ''] = line.split(' ');
        episodes.set(id, [...(episodes.get(id) ?? []), what]);
      }
      const ids = [...episodes.keys()];
      assert.deepEqual(
        ids,
        ids.map((_, i) => `drift/1/${i + 1}`),
      );
      [...episodes.values()].forEach((all, i) => {
        const what = all.filter((one) => one !== 'worsened');
        assert.ok(all.length - what.length <= definition.policy.worsenAlerts);
        const whole = ['opened', 'retraining', 'closed'];
        assert.deepEqual(what, i < ids.length - 1 ? whole : whole.slice(0, what.length));
        assert.ok(what.length >= 2);
      });
      assert.ok(emissions.every((one) => one.kind !== 'retraining' || one.evidence.length > 0));
    }),
  );
});

test('two monitors of one model give their episodes names of their own', () => {
  const ids = ['drift', 'business'].map((name) => {
    let state: PolicyState = initialPolicy('ranker', '1');
    const told = [0, 1].flatMap((day) => {
      const step = judge({ ...definition, name }, state, inputOf(day, 'S'));
      ({ state } = step);
      return step.emissions.map(emissionId);
    });
    return told;
  });
  assert.deepEqual(ids, [
    ['drift/1/1/opened', 'drift/1/1/retraining'],
    ['business/1/1/opened', 'business/1/1/retraining'],
  ]);
});
