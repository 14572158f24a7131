import assert from 'node:assert/strict';
import { test } from 'node:test';
import { viewOf } from '../../src/server/running-engine.js';
import { watchRunning } from '../../src/server/running-metrics.js';
import { createServer } from '../../src/server/server.js';
import { Engine } from '../../src/streams/live/engine.js';
import { createLog } from '../../src/telemetry/log.js';
import { createMetrics } from '../../src/telemetry/metrics.js';
import { history, line, noonMs, scratch, settingsOf, started } from '../streams/live/running.js';

test('the watermark says which partition holds it and for how long it has been idle', async (t) => {
  const clock = { nowMs: noonMs };
  const running = await started(t, scratch(), clock, { records: history(50) });
  await running.post(line('ann', noonMs - 20 * 60_000));
  assert.equal(running.view.status().watermarkHolder, 'actions, posted lines');
  clock.nowMs += 29_000;
  running.engine.source!.builder.nowMs = clock.nowMs; // as the source's next look does
  assert.equal(running.view.status().watermarkHolder, 'actions, posted lines idle for 29 s');
  const held = running.view.status().watermarkMs!;
  const moved = running.output(({ step }) => step.batch.ticks.length > 0);
  clock.nowMs += 31_000; // idle for the configured 30 s: it holds nothing any more
  await moved;
  assert.ok(running.view.status().watermarkMs! > held);
  assert.equal(running.view.status().watermarkHolder, '');
});

test('an engine is not ready before it runs, nor while it stops, and says why', async (t) => {
  const clock = { nowMs: noonMs };
  const engine = new Engine(settingsOf(scratch(), clock));
  t.after(() => engine.close());
  const parts = () => [{ name: 'clickhouse', ready: false, why: 'it is starting' }];
  const view = viewOf(engine, { history: null, planted: [], parts });
  assert.deepEqual(view.readiness(), {
    ready: false,
    parts: [
      { name: 'engine', ready: false, why: 'it is recovering from the log' },
      { name: 'clickhouse', ready: false, why: 'it is starting' },
    ],
  });
  engine.stop();
  assert.equal(view.readiness().parts[0]!.why, 'it is stopping');
});

test('metrics tell what the engine has: records, verdicts, keys, log and the last snapshot', async (t) => {
  const clock = { nowMs: noonMs };
  const directory = scratch();
  const first = await started(t, directory, clock, { records: history(50) });
  await first.post('x', line('ann', noonMs), line('ann', noonMs + 3_600_000));
  await first.stop();
  const running = await started(t, directory, clock, { records: history(50) });
  const metrics = createMetrics();
  watchRunning(running.engine, metrics);
  const server = await createServer({
    engine: running.view,
    metrics,
    log: createLog({ level: 'error' }),
    port: 0,
  });
  t.after(() => server.close());
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const value = (series: string): number => {
    const found = text.split('\n').find((one) => one.startsWith(`${series} `));
    assert.ok(found !== undefined, `${series} is exported`);
    return Number(found.slice(series.length + 1));
  };
  const records = (partition: string, verdict: string): number =>
    value(`weir_records_total{topic="actions",partition="${partition}",verdict="${verdict}"}`);
  assert.equal(value('weir_records_in_total{topic="actions",partition="0"}'), 50);
  assert.equal(value('weir_records_in_total{topic="actions",partition="posted"}'), 3);
  assert.equal(records('0', 'used'), 50);
  assert.equal(records('posted', 'used'), 1);
  assert.equal(records('posted', 'invalid'), 2);
  const future = 'weir_dead_letters_total{topic="actions",partition="posted",reason="future"}';
  assert.equal(value(future), 1);
  assert.equal(value('weir_entities{view="user"}'), 8);
  assert.ok(value('weir_log_size_bytes') > 0);
  assert.ok(
    Math.abs(value('weir_snapshot_timestamp_seconds{task="all"}') - Date.now() / 1_000) < 60,
  );
  const tasks = [0, 1, 2, 3].map((p) => value(`weir_task_keys{task="user.${p}"}`));
  assert.equal(
    tasks.reduce((a, b) => a + b, 0),
    8,
  );
});
