import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { MetricKind } from '../../src/telemetry/metric-kind.js';
import { metricTable } from '../../src/telemetry/metric-table.js';
import { createMetrics } from '../../src/telemetry/metrics.js';
import { watchProcess } from '../../src/telemetry/process-metrics.js';

test('a counter follows a total kept elsewhere and never goes down', async () => {
  const metrics = createMetrics();
  let total = 5;
  const stop = metrics.onScrape(() => {
    metrics.raiseTo('weir_records_in_total', { topic: 'interactions', partition: '0' }, total);
  });
  const line = async () =>
    (await metrics.text()).match(
      /^weir_records_in_total\{topic="interactions",partition="0"\} (\d+)$/m,
    )?.[1];
  assert.equal(await line(), '5');
  total = 9;
  assert.equal(await line(), '9');
  total = 3;
  assert.equal(await line(), '9');
  stop();
  total = 20;
  assert.equal(await line(), '9');
});

test('series of what is gone end', async () => {
  const metrics = createMetrics();
  const lags = async () =>
    [
      ...(await metrics.text()).matchAll(/^weir_source_lag_records\{.*partition="(\d)"\} (\d+)$/gm),
    ].map(([, partition, lag]) => [partition, lag]);
  const of = (partition: string, lag: number) => [{ topic: 't', partition }, lag] as const;
  metrics.replace('weir_source_lag_records', [of('0', 3), of('1', 4)]);
  assert.deepEqual(await lags(), [
    ['0', '3'],
    ['1', '4'],
  ]);
  metrics.replace('weir_source_lag_records', [of('1', 2)]);
  assert.deepEqual(await lags(), [['1', '2']]);
});

test('labels cannot break the text', async () => {
  const metrics = createMetrics();
  metrics.add('weir_records_in_total', { topic: 'a"b\nweir_forged 1', partition: '0' });
  assert.doesNotMatch(await metrics.text(), /^weir_forged/m);
});

test('every exported name starts with weir_', async (t) => {
  const metrics = createMetrics();
  t.after(watchProcess(metrics));
  metrics.observe('weir_snapshot_seconds', {}, 0.2);
  const names = [...(await metrics.text()).matchAll(/^# TYPE (\S+)/gm)].map((found) => found[1]!);
  assert.deepEqual(names.sort(), Object.keys(metricTable).sort());
  for (const name of names) assert.match(name, /^weir_[a-z_]+$/);
});

test('process figures are plausible', async (t) => {
  const metrics = createMetrics();
  t.after(watchProcess(metrics));
  const text = await metrics.text();
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  assert.ok(value('weir_process_resident_memory_bytes') > 10e6);
  assert.ok(value('weir_process_heap_bytes') > 1e6);
  const started = value('weir_process_start_timestamp_seconds');
  assert.ok(Math.abs(Date.now() / 1e3 - process.uptime() - started) < 1);
});

test('docs/metrics.md documents every metric, with type, labels, unit and meaning', () => {
  const documented = readFileSync('docs/metrics.md', 'utf8')
    .split('\n')
    .filter((line) => /^\| `\w+` \|/.test(line));
  const expected = Object.entries<MetricKind>(metricTable).map(([name, kind]) => {
    const labels = kind.labels.map((label) => `\`${label}\``).join(', ') || '–';
    return `| \`${name}\` | ${kind.type} | ${labels} | ${kind.unit} | ${kind.help} |`;
  });
  assert.deepEqual(documented.sort(), expected.sort());
});
