import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Check } from '../../../src/monitors/check.js';
import { monitor } from '../../../src/monitors/definition.js';
import type { PolicySettings } from '../../../src/monitors/policy-settings.js';
import { pipeline } from '../../../src/streams/pipeline.js';
import { line, noonMs, page, type Running, scratch, started, user } from './running.js';

const hourMs = 3_600_000;
const few = { psiBins: 2, samplesPerBin: 2 };
const watched = (policy: Partial<PolicySettings>) =>
  pipeline({
    name: 'watched',
    views: [user, page],
    monitors: [
      monitor({
        name: 'site-drift',
        period: '1h',
        features: { 'user.views_24h': 'off', 'page.actions_24h': 'off' },
        policy: { ...few, ...policy },
      }),
    ],
  });
const ingest = { latenessMs: hourMs, disorderMs: 60_000, batchRecords: 16, idleAfterMs: 1e9 };
const settings = (looks: number) => {
  return { pipeline: watched({ looks }), capturePeriods: 1, ingest };
};

async function postHours(running: Running, clock: { nowMs: number }, from: number, to: number) {
  for (let minute = from * 60; minute < to * 60; minute += 5) {
    clock.nowMs = noonMs + minute * 60_000;
    await running.post(line(`u${(minute / 5) % 12}`, clock.nowMs));
  }
}

test('an engine that is started with another policy keeps its state, and judges by the new one', async (t) => {
  const clock = { nowMs: noonMs };
  const directory = scratch();
  const levels = async (looks: number, from: number, to: number): Promise<Map<number, number>> => {
    const checks: Check[] = [];
    const running = await started(t, directory, clock, settings(looks));
    running.engine.listeners.add(({ step }) => checks.push(...step.checks));
    await postHours(running, clock, from, to);
    await running.stop();
    const tested = checks.filter(({ test: name, pValue }) => name === 'psi' && pValue !== null);
    return new Map(tested.map((one) => [(one.periodStartMs - noonMs) / hourMs, one.level!]));
  };
  const before = await levels(60, 0, 6.5);
  const after = await levels(600, 6.5, 9);
  const first = [...before.values()][0]!;
  assert.deepEqual(
    [...before],
    [3, 4, 5].map((hour) => [hour, first]),
  );
  assert.deepEqual([...after.keys()], [6, 7]); // hour 6 was begun before
  for (const level of after.values()) assert.ok(Math.abs(level - first / 10) < 1e-12);
});
