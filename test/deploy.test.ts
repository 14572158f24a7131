import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { MetricKind } from '../src/telemetry/metric-kind.js';
import { metricTable } from '../src/telemetry/metric-table.js';
import { withPromtool } from './promtool.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const rulesPath = 'deploy/prometheus/rules/weir.yml';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<'summary' | 'do' | 'runbook', string>>;
}

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: { readonly uid: string };
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
  readonly targets?: readonly { readonly expr: string }[];
}

const { groups } = parse(read(rulesPath)) as { groups: { rules: readonly Rule[] }[] }; // as below
const rules = groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(read('deploy/grafana/dashboards/weir.json')) as {
  readonly uid: string;
  readonly panels: readonly Panel[];
};
const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
const kinds: Readonly<Record<string, MetricKind>> = metricTable;

/** The metric that a series belongs to: a histogram has three. */
function metricOf(series: string): string {
  const base = series.replace(/_(bucket|sum|count)$/, '');
  return kinds[base]?.type === 'histogram' ? base : series;
}

test('rules and dashboard ask for metrics that Weir exports, by labels that they have', () => {
  const wrong = [...rules.map(({ expr }) => expr), ...queries].flatMap((expr) =>
    [...expr.matchAll(/\b(weir_[a-z_]+)(?:\{([^}]*)\})?/g)].flatMap(([, series, selector = '']) => {
      const kind = kinds[metricOf(series!)];
      if (kind === undefined) return [`${series} is no metric: ${expr}`];
      return [...selector.matchAll(/(\w+)\s*[=!]/g)].flatMap(([, label]) =>
        kind.labels.includes(label!) ? [] : [`${series} has no label ${label}`],
      );
    }),
  );
  assert.deepEqual(wrong, []);
});

test('every metric but the plainest is on the dashboard or watched by a rule', () => {
  const used = new Set(
    [...rules.map(({ expr }) => expr), ...queries].flatMap((expr) =>
      [...expr.matchAll(/\bweir_[a-z_]+/g)].map(([series]) => metricOf(series)),
    ),
  );
  const left = Object.keys(metricTable).filter((name) => !used.has(name));
  assert.deepEqual(left.sort(), [
    'weir_build_info',
    'weir_catching_up',
    'weir_entities',
    'weir_events_per_second',
    'weir_group_joined',
    'weir_http_requests_total',
    'weir_log_size_bytes',
    'weir_process_heap_bytes',
    'weir_quiet_key_updates_total',
    'weir_score_latency_seconds',
    'weir_sink_coalesced_total',
    'weir_sink_repeats_total',
    'weir_stream_clients',
    'weir_stream_dropped_clients_total',
    'weir_stream_messages_total',
    'weir_stream_skipped_total',
    'weir_task_keys',
    'weir_task_position',
  ]);
});

test('every alert says what to do and has its section in docs/metrics.md', () => {
  const sections = [...read('docs/metrics.md').matchAll(/^### (Weir\w+)$/gm)].map(
    ([, name]) => name,
  );
  assert.deepEqual(sections.toSorted(), rules.map(({ alert }) => alert).toSorted());
  for (const { alert, labels, annotations } of rules) {
    assert.ok(['page', 'ticket'].includes(labels.severity), alert);
    assert.ok(annotations.summary.length > 0 && annotations.do.length > 0, alert);
    assert.equal(annotations.runbook, `docs/metrics.md#${alert.toLowerCase()}`);
  }
});

test('every panel says what it shows, from the data source that is provisioned', () => {
  const { datasources } = parse(read('deploy/grafana/provisioning/datasources/prometheus.yml')) as {
    datasources: readonly { uid: string }[];
  };
  const uids = datasources.map(({ uid }) => uid);
  for (const { title, description = '', datasource } of panels) {
    assert.ok(description.length > 0, title);
    assert.ok(uids.includes(datasource?.uid ?? ''), title);
  }
});

test('no panel lies over another', () => {
  for (const [i, { title, gridPos: a }] of dashboard.panels.entries()) {
    assert.ok(a.x + a.w <= 24, title);
    for (const { title: other, gridPos: b } of dashboard.panels.slice(i + 1)) {
      const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
      assert.ok(apart, `${title} and ${other}`);
    }
  }
});

test('promtool accepts the rules, and each alert comes when it should', withPromtool, () => {
  for (const args of [
    ['check', 'rules', rulesPath],
    ['test', 'rules', 'test/deploy/rules.yml'],
  ]) {
    const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: root, encoding: 'utf8' });
    assert.equal(status, 0, `promtool ${args.join(' ')}\n${stdout}${stderr}`);
  }
});

test('every alert has its case among the tests of the rules', () => {
  const { tests } = parse(read('test/deploy/rules.yml')) as {
    tests: { alert_rule_test: readonly { alertname: string; exp_alerts?: readonly unknown[] }[] }[];
  };
  const cases = tests.flatMap((one) => one.alert_rule_test);
  for (const fires of [true, false]) {
    const named = cases.filter((one) => (one.exp_alerts !== undefined) === fires);
    assert.deepEqual(
      [...new Set(named.map((one) => one.alertname))].toSorted(),
      rules.map(({ alert }) => alert).toSorted(),
    );
  }
});

test('promtool understands every query of the dashboard', withPromtool, (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'weir-queries-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'queries.yml');
  const recorded = queries.map((expr, i) => {
    return { record: `query_${i}`, expr: expr.replaceAll('$__rate_interval', '1m') };
  });
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules: recorded }] }));
  const { status, stderr } = spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
});
