import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { calibrate, calibrateInTurns } from '../../src/monitors/calibration/calibrate.js';
import type { Command } from '../../src/monitors/command.js';
import { monitor } from '../../src/monitors/definition.js';
import { type Reference, sealReference } from '../../src/monitors/reference.js';
import { referenceText } from '../../src/monitors/reference-file.js';
import { designsAhead } from '../../src/monitors/significance.js';
import { PolicyLogTask } from '../../src/streams/cluster/policy-log-task.js';
import { commandJson } from '../../src/streams/cluster/policy-message.js';
import { LevelsAhead } from '../../src/streams/levels-ahead.js';
import { dayMs } from '../monitors/simulation.js';
import { smallReference } from '../monitors/small-reference.js';
import { messagesOf } from './cluster/scoring-restarts.js';

const limit = { timeout: 60_000 };
const [feature] = smallReference.features;

/** One of ten days with so many samples; other numbers, other designs. */
function referenceOf(n: number): Reference {
  const features = [{ ...feature!, n, counts: [n, 0, 0] }];
  return sealReference({ ...smallReference, toMs: 10 * dayMs, features });
}

// Few looks are simulated quickly; each test has a number of its own, as none is simulated twice.
function monitorOf(days: number) {
  const policy = { falseAlarms: `one per ${days} days`, periods: 1, ofPeriods: 1 };
  return monitor({ name: 'drift', model: 'ranker', policy });
}

/** Whether all levels for the reference are there, so that a period would wait for none. */
function isPrepared(definition: ReturnType<typeof monitorOf>, reference: Reference): boolean {
  const designs = designsAhead({ definition, features: [], reference });
  assert.ok(designs.length > 0);
  return designs.every((design) => calibrateInTurns(design).next().done);
}

test('a level that is had in turns is the one that is had at once', () => {
  const definition = monitorOf(1);
  const [design] = designsAhead({ definition, features: [], reference: referenceOf(1_000) });
  const turns = calibrateInTurns(design!, { runs: 300, seed: 9 });
  let turn = turns.next();
  const other = { ...design!, looks: 9 };
  for (let i = 0; turn.done !== true; i++) {
    if (i === 100) calibrate(other, { runs: 300, seed: 9 }); // between two turns
    turn = turns.next();
  }
  assert.deepEqual(turn.value, calibrate(design!, { runs: 300, seed: 9 }));
});

test('what is switched to last is simulated beside other work', limit, async () => {
  const definition = monitorOf(2);
  const [first, second, third] = [1_000, 5_000, 20_000].map(referenceOf);
  const levels = new LevelsAhead();
  levels.prepare([{ definition, features: [], reference: first!, switches: [] }]);
  assert.ok(isPrepared(definition, first!));
  const switched = [second!, third!].map((reference, i) => ({ fromMs: i, reference }));
  levels.follow([{ definition, features: [], reference: first!, switches: switched.slice(0, 1) }]);
  levels.follow([{ definition, features: [], reference: first!, switches: switched }]);
  assert.ok(!isPrepared(definition, third!));
  while (!isPrepared(definition, third!)) await nextTurn();
  assert.ok(!isPrepared(definition, second!)); // nothing will be held against it
  levels.stop();
});

test('what is stopped simulates no more', async () => {
  const definition = monitorOf(3);
  const reference = referenceOf(1_000);
  const levels = new LevelsAhead();
  levels.follow([{ definition, features: [], reference, switches: [] }]);
  levels.stop();
  assert.deepEqual(process.getActiveResourcesInfo().includes('Immediate'), false);
  assert.ok(!isPrepared(definition, reference));
});

test(
  'the policy task simulates for a reference once it is said, not in the period',
  limit,
  async () => {
    const definition = monitorOf(4);
    const reference = referenceOf(1_000);
    const plan = { definition, model: null, features: [], groups: ['user'], sources: ['user'] };
    const task = new PolicyLogTask({
      monitors: [
        {
          plan: { ...plan, partitions: 1, scoreInputs: [] },
          reference: null,
          modelVersion: '1',
        },
      ],
      store: { open: async () => null, commit: async () => {}, close: async () => {} },
      sink: null,
    });
    const use: Command = {
      kind: 'use-reference',
      monitor: 'drift',
      reference: referenceText(reference),
      who: 'ada',
      atMs: 0,
    };
    await task.take(messagesOf([commandJson(use)]), true);
    while (!isPrepared(definition, reference)) await nextTurn();
    await task.close();
  },
);
