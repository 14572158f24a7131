import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { accountOf } from '../../../src/streams/account.js';
import { Engine } from '../../../src/streams/live/engine.js';
import { postedPartition } from '../../../src/streams/live/live-source.js';
import { prepareRebuild } from '../../../src/streams/live/rebuild.js';
import {
  allVectors,
  featuresOf,
  history,
  line,
  noonMs,
  scratch,
  settingsOf,
  started,
  widerSite,
} from './running.js';

const hourMs = 3_600_000;

function verdictsOf(answer: Awaited<ReturnType<Awaited<ReturnType<typeof started>>['post']>>) {
  assert.ok(answer.ok, 'the lines were taken');
  return answer.verdicts.map(({ verdict }) => verdict);
}

test('a posted line is in the vector when its verdict comes, and leaves the window at read time', async (t) => {
  const clock = { nowMs: noonMs };
  const running = await started(t, scratch(), clock);
  const answer = await running.post(line('ann', noonMs - 1_000), line('ann', noonMs));
  assert.deepEqual(verdictsOf(answer), ['used', 'used']);
  assert.deepEqual(await running.features('user', 'ann'), { views_1h: 2, views_24h: 2, clicks: 0 });
  clock.nowMs = noonMs + hourMs + 60_000;
  assert.deepEqual(await running.features('user', 'ann'), { views_1h: 0, views_24h: 2, clicks: 0 });
  clock.nowMs = noonMs + 25 * hourMs;
  assert.deepEqual(await running.features('user', 'ann'), { views_1h: 0, views_24h: 0, clicks: 0 });
});

test('each posted line gets its own verdict and the account balances', async (t) => {
  const clock = { nowMs: noonMs };
  const running = await started(t, scratch(), clock);
  const answer = await running.post(
    line('ann', noonMs),
    '{broken',
    line('ann', noonMs + hourMs),
    line('ann', noonMs - 2 * hourMs),
    '{"user":"ann","kind":"view","page":"start"}',
    '',
  );
  assert.ok(answer.ok);
  assert.deepEqual(
    answer.verdicts.map(({ verdict }) => verdict),
    ['used', 'invalid', 'future', 'late', 'invalid', 'invalid'],
  );
  assert.match(answer.verdicts[2]!.reason, /5 min ahead/);
  const account = accountOf('actions', running.engine.position.cursors);
  assert.deepEqual(account, { in: 6, used: 1, late: 1, invalid: 4, duplicate: 0, filtered: 0 });
});

test('more lines than a batch takes are all judged, in order, though a stop comes in between', async (t) => {
  const clock = { nowMs: noonMs };
  const running = await started(t, scratch(), clock);
  const lines = Array.from({ length: 100 }, (_, i) =>
    i % 10 === 0 ? 'x' : line('ann', noonMs + i),
  );
  const posted = running.post(...lines);
  await running.output(() => true);
  running.engine.stop();
  const verdicts = verdictsOf(await posted);
  assert.deepEqual(
    verdicts,
    lines.map((one) => (one === 'x' ? 'invalid' : 'used')),
  );
});

test('lines that are posted while it stops are refused, not left without an answer', async (t) => {
  const clock = { nowMs: noonMs };
  const running = await started(t, scratch(), clock);
  running.engine.stop();
  const answer = await running.post(line('ann', noonMs));
  assert.deepEqual(answer.ok ? null : [answer.reason, answer.why], [
    'unavailable',
    'the engine is stopping',
  ]);
});

test('after a restart offsets, positions, watermark and vectors go on', async (t) => {
  const clock = { nowMs: noonMs };
  const directory = scratch();
  const records = history(50);
  const first = await started(t, directory, clock, { records });
  await first.post(line('ann', noonMs), 'x');
  const idle = first.output(({ step }) => step.batch.ticks.length > 0);
  clock.nowMs = noonMs + 10 * 60_000; // all are idle: the clock moves the watermark
  await idle;
  const before = first.view.status();
  const vectors = allVectors(first.engine, clock.nowMs);
  await first.stop();
  const second = await started(t, directory, clock, { records });
  const after = second.view.status();
  assert.equal(before.watermarkMs, noonMs + 9 * 60_000);
  assert.equal(after.watermarkMs, before.watermarkMs);
  assert.deepEqual(after.accounts, before.accounts);
  assert.deepEqual(allVectors(second.engine, clock.nowMs), vectors);
  await second.post(line('ann', noonMs + 60_000));
  const { cursors } = second.engine.position;
  const posted = cursors.find((one) => one.partition === postedPartition)!;
  assert.equal(posted.offset, 3);
  const { duplicate, in: taken } = accountOf('actions', cursors);
  assert.deepEqual({ duplicate, taken }, { duplicate: 0, taken: 53 });
  assert.equal(second.engine.position.ticksMs?.actions, noonMs + 9 * 60_000);
});

test('lines whose verdict was given survive a crash right behind it', async (t) => {
  const clock = { nowMs: noonMs };
  const directory = scratch();
  const records = history(50);
  const first = await started(t, directory, clock, { records });
  await first.post(line('ann', noonMs), line('ann', noonMs, 'click'));
  const vectors = allVectors(first.engine, noonMs);
  const crashed = scratch();
  cpSync(directory, crashed, { recursive: true }); // what a kill leaves: no snapshot was taken
  const second = await started(t, crashed, clock, { records });
  assert.equal((await second.features('user', 'ann'))?.clicks, 1);
  assert.deepEqual(allVectors(second.engine, noonMs), vectors);
  assert.equal(accountOf('actions', second.engine.position.cursors).in, 52);
});

test('quiet keys are told once when a pane leaves a window', async (t) => {
  const clock = { nowMs: noonMs };
  const running = await started(t, scratch(), clock);
  await running.post(
    line('ann', noonMs),
    line('ann', noonMs + 1),
    line('bob', noonMs - 30 * 60_000),
  );
  const told: string[] = [];
  running.engine.listeners.add(({ step, changed }) => {
    if (step.batch.count > 0) return;
    for (const [view, keys] of changed) for (const of of keys) told.push(`${view} ${of}`);
  });
  for (const minutes of [45, 46, 61, 62, 63]) {
    const ticked = running.output(() => true);
    clock.nowMs = noonMs + minutes * 60_000;
    await ticked;
  }
  // bob's view of 11:30 left at 12:31, ann's two and the page's at 13:01.
  assert.deepEqual(told.sort(), ['page start', 'page start', 'user ann', 'user bob']);
});

test('a snapshot that is not sound is passed over, and the log makes up for it', async (t) => {
  const clock = { nowMs: noonMs };
  const directory = scratch();
  for (const user of ['ann', 'bob', 'cem']) {
    const running = await started(t, directory, clock, { records: history(50) });
    await running.post(line(user, noonMs));
    await running.stop();
  }
  const undisturbed = new Engine(settingsOf(directory, clock));
  const vectors = allVectors(undisturbed, noonMs);
  undisturbed.close();
  const snapshots = join(directory, 'snapshots');
  const [newest] = readdirSync(snapshots)
    .filter((name) => statSync(join(snapshots, name)).isFile())
    .sort()
    .reverse();
  const path = join(snapshots, newest!);
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(path, bytes);
  const running = await started(t, directory, clock, { records: history(50) });
  assert.deepEqual(allVectors(running.engine, noonMs), vectors);
  const warning = running.said.find(({ level }) => level === 'warn');
  assert.equal(warning?.fields.path, path);
});

test('another definition is refused with the remedy, and a reset rebuilds it from the retained log', async (t) => {
  const clock = { nowMs: noonMs };
  const directory = scratch();
  const records = history(200);
  const first = await started(t, directory, clock, { records });
  await first.post(line('ann', noonMs), 'x', line('ann', noonMs + hourMs));
  const vectors = allVectors(first.engine, noonMs);
  const account = accountOf('actions', first.engine.position.cursors);
  await first.stop();
  assert.throws(
    () => new Engine(settingsOf(directory, clock, { pipeline: widerSite })),
    /another definition.*--reset.*retained log/s,
  );
  // The stamp ahead of the clock has come to pass: its verdict stays.
  clock.nowMs = noonMs + 2 * hourMs;
  prepareRebuild(directory);
  const second = await started(t, directory, clock, { pipeline: widerSite });
  assert.equal(second.engine.epoch, 1);
  assert.deepEqual(accountOf('actions', second.engine.position.cursors), account);
  const rebuilt = allVectors(second.engine, noonMs);
  for (const [of, values] of Object.entries(vectors))
    assert.deepEqual({ ...(rebuilt[of] as object), ...(values as object) }, rebuilt[of]);
  assert.equal((rebuilt['page p0'] as Record<string, unknown>).actions_7d, 40);
  assert.ok(!readdirSync(directory).some((name) => name.startsWith('logs.')), 'one log is left');
  await second.stop();
  const third = await started(t, directory, clock, { pipeline: widerSite });
  assert.deepEqual(allVectors(third.engine, noonMs), rebuilt);
});

test('nothing can be posted into a rebuild, so no offset is given twice', async (t) => {
  const clock = { nowMs: noonMs };
  const directory = scratch();
  const first = await started(t, directory, clock, { records: history(200) });
  await first.post(line('ann', noonMs));
  await first.stop();
  prepareRebuild(directory);
  const engine = new Engine(settingsOf(directory, clock));
  const told: unknown[] = [];
  let refused: Promise<unknown> | undefined;
  const { viewOf } = await import('../../../src/server/running-engine.js');
  const view = viewOf(engine, { history: null, planted: [], parts: () => [] });
  engine.listeners.add(() => {
    if (refused !== undefined) return;
    refused = view.accept('actions', [line('bob', noonMs)]);
    told.push(view.readiness().parts[0]?.why);
  });
  await engine.recover();
  const ran = engine.run();
  while (!view.readiness().ready) await new Promise((resolve) => setImmediate(resolve));
  const accepted = await view.accept('actions', [line('cem', noonMs)]);
  engine.stop();
  await ran;
  engine.close();
  assert.deepEqual(told, ['it is rebuilding the state from the retained log']);
  const answer = (await refused) as { ok: boolean; why: string };
  assert.deepEqual(
    [answer.ok, answer.why],
    [false, 'the state is being rebuilt from the retained log'],
  );
  assert.ok(accepted.ok);
  assert.equal((await featuresOf(view, 'user', 'ann'))?.views_1h, 1);
  assert.equal((await featuresOf(view, 'user', 'cem'))?.views_1h, 1);
  assert.equal(accountOf('actions', engine.position.cursors).duplicate, 0);
});

test('a reset that was cut short goes on, again with --reset or without', async (t) => {
  const clock = { nowMs: noonMs };
  const directory = scratch();
  const first = await started(t, directory, clock, { records: history(300) });
  await first.post(line('ann', noonMs));
  const vectors = allVectors(first.engine, noonMs);
  await first.stop();
  prepareRebuild(directory);
  for (const withReset of [false, true, false]) {
    // Cut short after some batches, at the next snapshot or before any.
    const engine = new Engine(
      settingsOf(directory, clock, { snapshotEveryMs: withReset ? 1e9 : 0 }),
    );
    let batches = 0;
    engine.listeners.add(() => {
      if (++batches === 4) engine.stop();
    });
    await engine.recover();
    await engine.run();
    engine.close();
    assert.ok(engine.rebuilding);
    if (withReset) prepareRebuild(directory);
  }
  const last = await started(t, directory, clock);
  assert.deepEqual(allVectors(last.engine, noonMs), vectors);
  assert.equal(last.engine.epoch, 2);
  const { in: taken, duplicate } = accountOf('actions', last.engine.position.cursors);
  assert.deepEqual([taken, duplicate], [301, 0]);
});

test('a batch that a crash left in some logs only is taken from the feed, not lost in a rebuild', async (t) => {
  const clock = { nowMs: noonMs };
  const directory = scratch();
  const records = history(300);
  const first = await started(t, directory, clock, { records });
  const vectors = allVectors(first.engine, noonMs);
  const account = accountOf('actions', first.engine.position.cursors);
  await first.stop();
  for (const log of ['user.1', 'page.2', 'refused.0']) {
    const place = join(directory, 'logs', log);
    const path = join(place, readdirSync(place).sort().at(-1)!);
    truncateSync(path, statSync(path).size - 1);
  }
  prepareRebuild(directory);
  const second = await started(t, directory, clock, { records });
  assert.deepEqual(allVectors(second.engine, noonMs), vectors);
  assert.deepEqual(accountOf('actions', second.engine.position.cursors), account);
});

test('a stop during recovery ends it, and the next start takes the rest', async (t) => {
  const clock = { nowMs: noonMs };
  const directory = scratch();
  const records = history(300);
  const first = await started(t, directory, clock, { records });
  const vectors = allVectors(first.engine, noonMs);
  const crashed = scratch();
  cpSync(directory, crashed, { recursive: true });
  const engine = new Engine(settingsOf(crashed, clock, { records }));
  engine.listeners.add(() => engine.stop());
  await engine.recover();
  await engine.run();
  engine.close();
  assert.ok(engine.position.batch < first.engine.position.batch, 'it ended early');
  const second = await started(t, crashed, clock, { records });
  assert.deepEqual(allVectors(second.engine, noonMs), vectors);
});
