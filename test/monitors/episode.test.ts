import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { summaryOf } from '../../src/monitors/alert-text.js';
import type { Check } from '../../src/monitors/check.js';
import type { Command } from '../../src/monitors/command.js';
import { monitor } from '../../src/monitors/definition.js';
import type { PolicyInput } from '../../src/monitors/policy-step.js';
import { checkOf, inputOf, playInputs } from './policy-play.js';
import { dayMs, startMs } from './simulation.js';

const definition = monitor({
  name: 'drift',
  model: 'ranker',
  policy: { coolDownPeriods: 3, schedule: 'off' },
});
const quality: Partial<Check> = { subject: 'quality', test: 'not-null' };

/** Effects of `a` by day, ten other features being quiet. */
function effects(list: readonly number[], more: (day: number) => readonly Check[] = () => []) {
  const quiet = (day: number) => 'bcdefghijk'.split('').map((name) => checkOf(day, name, 0));
  return list.map((effect, day) =>
    inputOf(day, [checkOf(day, 'a', effect), ...quiet(day), ...more(day)]),
  );
}

test('an episode worsens when an effect is twice what was told, three times at most', () => {
  const { lines } = playInputs(definition, effects([0.3, 0.3, 0.5, 0.59, 0.6, 1.2, 2.4, 9, 99]));
  assert.deepEqual(lines, [
    '2 opened a',
    '2 retraining',
    '5 worsened a',
    '6 worsened a',
    '7 worsened a',
  ]);
});

test('an episode worsens when a fifth of the features more drift than were told', () => {
  const more = (day: number) =>
    ['x', 'y', 'z'].map((name) => checkOf(day, name, day >= 3 ? 0.3 : 0));
  const { lines, emissions } = playInputs(definition, effects([0.3, 0.3, 0.3, 0.3, 0.3], more));
  // 1 of 14 is told; the three others join on day 5, which makes it 4.
  assert.deepEqual(lines, ['2 opened a', '2 retraining', '5 worsened a,x,y,z']);
  const ids = emissions.map((one) => one.kind === 'alert' && [one.episodeId, one.worsening]);
  assert.deepEqual(ids.at(-1), ['drift/1/1', 1]);
});

test('quality alerts without an event; what drifts then while windows go over makes it one', () => {
  const nulls = (day: number) => [checkOf(day, 'a', day >= 1 ? 0.5 : 0, quality)];
  const alone = playInputs(definition, effects([0, 0, 0, 0], nulls));
  assert.deepEqual(alone.lines, ['3 opened a']);
  assert.equal(alone.emissions[0]?.episodeKind, 'notice');
  const inputs = effects([0, 0, 0, 0.5, 0.5, 0.5], nulls).map(
    (input): PolicyInput => ({ ...input, longestWindowMs: 30 * dayMs }) as PolicyInput, // of checks
  );
  const both = playInputs(definition, inputs);
  assert.deepEqual(both.lines, ['3 opened a', '5 worsened a', '5 retraining']);
  assert.ok(both.emissions.slice(1).every(({ episodeKind }) => episodeKind === 'drift'));
  assert.equal(new Set(both.emissions.map(({ episodeId }) => episodeId)).size, 1);
});

test('a notice that has long been open does not take the event of a later drift', () => {
  const nulls = (day: number) => [checkOf(day, 'n', 0.5, quality)];
  const { lines, emissions } = playInputs(definition, effects([0, 0, 0, 0, 0.5, 0.5, 0.5], nulls));
  assert.deepEqual(lines, ['2 opened n', '6 opened a', '6 retraining']);
  assert.deepEqual(
    emissions.map(({ episodeId }) => episodeId),
    ['drift/1/1', 'drift/1/2', 'drift/1/2'],
  );
});

test('what calls for no retraining by itself opens an episode without an event', () => {
  const target = (day: number) => [
    checkOf(day, 'label', 0.5, { subject: 'target', test: 'ks' }),
    checkOf(day, 'b', 0.5, { segment: 'device=mobile' }),
  ];
  const { lines, state } = playInputs(definition, effects([0, 0, 0], target));
  assert.deepEqual(lines, ['2 opened label,b [device=mobile]']);
  const joined = playInputs(definition, [inputOf(3, [checkOf(3, 'a', 0.9)])], state);
  assert.deepEqual(joined.lines, [], 'once is not enough');
});

function mute(feature: string | null, untilDay: number, position = 0): PolicyInput {
  const command: Command = {
    kind: 'mute',
    monitor: 'drift',
    feature,
    untilMs: startMs + untilDay * dayMs,
    reason: 'known',
    who: 'ada',
    atMs: startMs,
  };
  return { kind: 'command', command, position };
}

test('a muted feature opens nothing until the time, and then needs its periods anew', () => {
  const inputs = effects(Array<number>(6).fill(0.5));
  assert.deepEqual(playInputs(definition, [mute('a', 3), ...inputs]).lines, [
    '5 opened a',
    '5 retraining',
  ]);
  assert.deepEqual(playInputs(definition, [mute(null, 3), ...inputs]).lines, [
    '5 opened a',
    '5 retraining',
  ]);
});

test('an episode whose every feature is muted is over; a muted monitor leaves it as it is', () => {
  const inputs = effects(Array<number>(6).fill(0.5));
  const one = playInputs(definition, [...inputs.slice(0, 3), mute('a', 9), ...inputs.slice(3)]);
  assert.deepEqual(one.lines, ['2 opened a', '2 retraining', '4 closed a']);
  assert.equal(one.state.past[0]?.reason, 'muted');
  const all = playInputs(definition, [...inputs.slice(0, 3), mute(null, 9), ...inputs.slice(3)]);
  assert.deepEqual(all.lines, ['2 opened a', '2 retraining']);
  assert.equal(all.state.open.length, 1);
});

test("a group's features as one vector have a name of their own, by which they are muted", () => {
  const mmd: Partial<Check> = { subject: 'covariates', test: 'mmd' };
  const volume: Partial<Check> = { subject: 'quality', test: 'volume' };
  const inputs = [0, 1].map((day) =>
    inputOf(day, [checkOf(day, 'place', 0.5, mmd), checkOf(day, 'place', 0.5, volume)]),
  );
  const { lines, emissions } = playInputs(definition, inputs);
  assert.deepEqual(lines, ['2 opened place (joint distribution),place']);
  const [alert] = emissions;
  assert.ok(alert?.kind === 'alert');
  assert.match(summaryOf(alert), /covariates \(mmd\) of place \(joint distribution\): effect 0.5/);
  const muted = playInputs(definition, [mute('place (joint distribution)', 9), ...inputs]);
  assert.deepEqual(muted.lines, ['2 opened place']);
});

test('a command at or before the last one taken is a repeat', () => {
  const command: Command = {
    kind: 'unmute',
    monitor: 'drift',
    feature: 'a',
    who: 'ada',
    atMs: startMs,
  };
  const { state } = playInputs(definition, [mute('a', 9, 4)]);
  const again = playInputs(definition, [{ kind: 'command', command, position: 4 }], state);
  assert.deepEqual(again.state, state);
  const later = playInputs(definition, [{ kind: 'command', command, position: 5 }], state);
  assert.deepEqual(later.state.mutes, []);
});

test('a retraining is due, acknowledged, under way and done, and in use with the new model', () => {
  const opened = playInputs(definition, effects([0.5, 0.5]));
  assert.equal(opened.state.retrainings[0]?.status, 'due');
  const say = (status: 'acknowledged' | 'in-progress' | 'done', position: number): PolicyInput => {
    const told = { progress: status === 'in-progress' ? 0.4 : null };
    const version = status === 'done' ? '2' : null;
    const common = { monitor: 'drift', event: 'drift/1/1', who: 'trainer', note: '', atMs: 7 };
    const command: Command = { kind: 'retraining', status, version, ...told, ...common };
    return { kind: 'command', command, position };
  };
  const steps = [say('acknowledged', 1), say('in-progress', 2), say('done', 3)];
  let { state } = opened;
  const seen = steps.map((step) => {
    state = playInputs(definition, [step], state).state;
    const { status, progress, version } = state.retrainings[0]!;
    return [status, progress, version];
  });
  assert.deepEqual(seen, [
    ['acknowledged', null, null],
    ['in-progress', 0.4, null],
    ['done', 1, '2'],
  ]);
  const model: PolicyInput = { kind: 'model', version: '2', atMs: startMs + 3 * dayMs };
  const used = playInputs(definition, [model], state);
  assert.deepEqual(used.lines, ['3 closed a']);
  assert.equal(used.state.retrainings[0]?.status, 'in-use');
  assert.deepEqual(used.state.open, []);
  assert.deepEqual(playInputs(definition, [say('acknowledged', 9)], used.state).state.retrainings, [
    ...used.state.retrainings,
  ]);
});

const kinds = fc.constantFrom('D', 'w', 'o', '?');
const days = fc.array(fc.tuple(kinds, kinds, kinds), { maxLength: 40 });

/** Three features by day, each D drift, w between, o low, ? unknown. */
function inputsOf(list: readonly (readonly string[])[]): PolicyInput[] {
  return list.map((letters, day) => {
    const checks = letters.map((letter, i) => {
      const effect = { D: 0.5, w: 0.15, o: 0.01 }[letter] ?? null;
      const known = checkOf(day, 'abc'[i]!, effect ?? 0);
      return effect === null ? { ...known, effect, verdict: 'insufficient-data' as const } : known;
    });
    return inputOf(day, checks);
  });
}

test('whatever is found, there are as many retraining events as episodes', () => {
  fc.assert(
    fc.property(days, (list) => {
      const { emissions, state } = playInputs(definition, inputsOf(list));
      const events = emissions.filter(({ kind }) => kind === 'retraining');
      assert.equal(events.length, state.episodes);
      assert.equal(new Set(events.map(({ episodeId }) => episodeId)).size, events.length);
      assert.equal(state.retrainings.length, events.length);
    }),
  );
});

test('a muted feature is in no alert and no event, whatever is found', () => {
  fc.assert(
    fc.property(days, (list) => {
      const { emissions } = playInputs(definition, [mute('b', 99), ...inputsOf(list)]);
      for (const one of emissions) {
        assert.ok(one.evidence.every(({ feature }) => feature !== 'b'));
        assert.ok(one.kind === 'retraining' || !one.features.includes('b'));
      }
    }),
  );
});

test('a state goes through JSON unharmed and stays bounded', () => {
  const long = Array.from({ length: 400 }, (_, day) => (day % 8 < 3 ? 0.5 : 0));
  const { state } = playInputs(definition, effects(long));
  assert.deepEqual(JSON.parse(JSON.stringify(state)), state);
  assert.ok(state.episodes > 40 && state.past.length <= 50 && state.retrainings.length <= 50);
  assert.ok(state.recent.length <= 30);
  assert.ok(JSON.stringify(state).length < 60_000);
});
