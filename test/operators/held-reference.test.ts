import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monitor } from '../../src/monitors/definition.js';
import { sealReference } from '../../src/monitors/reference.js';
import {
  holdReference,
  keepHeld,
  resumeHeld,
  settle,
  takeSwitch,
} from '../../src/operators/held-reference.js';
import { planMonitor } from '../../src/operators/monitor-plan.js';
import { parseTold, toldIn, toldJson, toldText } from '../../src/streams/cluster/told-message.js';
import { dayMs } from '../monitors/simulation.js';
import { smallReference } from '../monitors/small-reference.js';

const first = sealReference(smallReference);
const second = sealReference({ ...smallReference, createdFrom: 'another capture' });
const definition = monitor({ name: 'drift', model: 'ranker' });
const plan = planMonitor(definition, { views: [], model: null, partitions: 1 });
const monitored = { plan, reference: first, modelVersion: '1' };
const told = {
  monitor: 'drift',
  place: 7,
  configured: '1',
  fromMs: 3 * dayMs,
  reference: second,
};

test('a switch counts from its period, or from the first that no sampler has opened', () => {
  const early = holdReference(monitored);
  assert.equal(takeSwitch(early, told, 2 * dayMs), true);
  assert.deepEqual(early.switches, [{ fromMs: 3 * dayMs, reference: second }]);
  const late = holdReference(monitored);
  assert.equal(takeSwitch(late, told, 5 * dayMs), true);
  assert.deepEqual(late.switches, [{ fromMs: 5 * dayMs, reference: second }]);
  const fresh = holdReference(monitored);
  takeSwitch(fresh, { ...told, fromMs: null }, Number.NEGATIVE_INFINITY);
  assert.deepEqual([fresh.reference, fresh.switches], [second, []]);
});

test('a repeat, one of another monitor and one of another version change nothing', () => {
  const held = holdReference(monitored);
  assert.equal(takeSwitch(held, { ...told, monitor: 'other' }, 0), false);
  assert.equal(takeSwitch(held, { ...told, configured: '2' }, 0), false);
  assert.equal(takeSwitch(held, told, 0), true);
  assert.equal(takeSwitch(held, told, 9 * dayMs), false);
  assert.deepEqual(held.switches, [{ fromMs: 3 * dayMs, reference: second }]);
});

test('it takes the place of the former one when that is of no use any more', () => {
  const held = holdReference(monitored);
  takeSwitch(held, told, 0);
  settle(held, 2 * dayMs);
  assert.equal(held.reference, first);
  settle(held, 3 * dayMs);
  assert.deepEqual([held.reference, held.switches], [second, []]);
});

test('a restart goes on with it, one with another version begins with that of its own', () => {
  const held = holdReference(monitored);
  takeSwitch(held, told, 0);
  const kept = JSON.parse(JSON.stringify(keepHeld(held)));
  const again = holdReference(monitored);
  resumeHeld(again, kept);
  assert.deepEqual(again, held);
  const other = holdReference({ ...monitored, modelVersion: '2' });
  resumeHeld(other, kept);
  assert.deepEqual([other.reference, other.switches, other.toldUpTo], [first, [], -1]);
});

test('what is told reads back from a log and from a header; a frame is none', () => {
  const said = { kind: 'reference', ...told } as const;
  assert.deepEqual(parseTold(Buffer.from(toldJson(said))), said);
  assert.deepEqual(toldIn({ 'weir-told': toldText(said) }), said);
  assert.equal(toldIn({ 'weir-told': 'no gzip' }), null);
  assert.equal(parseTold(Buffer.from([120, 0, 0, 0])), null);
});
