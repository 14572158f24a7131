import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import avro from 'avsc';
import type { Check } from '../../src/monitors/check.js';
import { monitor } from '../../src/monitors/definition.js';
import { toAlertRecord } from '../../src/monitors/drift-alert-record.js';
import type { DriftAlert, RetrainingEvent } from '../../src/monitors/emission.js';
import { judge } from '../../src/monitors/policy.js';
import type { OpenEpisode } from '../../src/monitors/policy-state.js';
import { toRetrainingRecord } from '../../src/monitors/retraining-record.js';
import { trainingRows } from '../../src/monitors/training-rows.js';
import { simulate } from './simulation.js';

function schema(name: string): avro.Type {
  return avro.Type.forSchema(JSON.parse(readFileSync(`schemas/${name}.avsc`, 'utf8')));
}

const alerts = schema('drift-alerts');
const retrainings = schema('retraining-events');
const world = { seed: 5, features: 9, entities: 600, loyalty: 0.5 };
const run = simulate({ ...world, shift: (day) => (day >= 6 && day < 12 ? 1.5 : 0) }, 4, 14);
const [opened, retraining, closed] = run.emissions;

/** What `record` is after Avro: a field that the schema does not have would be lost on the way. */
function throughAvro(type: avro.Type, record: unknown): unknown {
  assert.ok(type.isValid(record), JSON.stringify(record));
  return JSON.parse(JSON.stringify(type.fromBuffer(type.toBuffer(record))));
}

test('alerts and retraining events are exactly what their schemas have, in JSON and in Avro', () => {
  assert.equal(run.emissions.length, 3);
  for (const alert of [opened, closed]) {
    const record = toAlertRecord(alert as DriftAlert);
    assert.deepEqual(throughAvro(alerts, record), JSON.parse(JSON.stringify(record)));
  }
  const record = toRetrainingRecord(retraining as RetrainingEvent);
  assert.deepEqual(throughAvro(retrainings, record), JSON.parse(JSON.stringify(record)));
});

test('a retraining event says why, for which model, where to train and how', () => {
  const record = toRetrainingRecord(retraining as RetrainingEvent);
  assert.match(record.reason, /^corrected PSI of user.f0 is \d\.\d{3}, above 0.2$/);
  const { evidence, reference, triggers, training_query: query, ...rest } = record;
  assert.deepEqual(rest, {
    event_id: 'sim/1/1',
    episode_id: 'sim/1/1',
    episode: 1,
    episode_kind: 'drift',
    monitor: 'sim',
    model: 'ranker',
    model_version: '1',
    time: '2024-01-09T00:00:00.000Z',
    reason: record.reason,
    strategy: 'sliding_window',
    strategy_reason:
      'abrupt: the effect of user.f0 was between a quarter and three quarters of what it is for 0 periods, at most 1',
    training_months: 6,
    training_from: '2023-07-09T00:00:00.000Z',
    training_to: '2024-01-09T00:00:00.000Z',
  });
  assert.equal(query, ''); // the simulation has no model
  assert.equal(reference?.id, run.reference.id);
  assert.equal(reference?.from, '2024-01-01T00:00:00.000Z');
  assert.deepEqual(
    triggers.map(({ kind, feature, threshold }) => [kind, feature, threshold]),
    [['psi', 'user.f0', 0.2]],
  );
  assert.deepEqual(
    evidence.map((one) => [one.feature, one.test, one.verdict, one.window_from.slice(0, 10)]),
    [
      ['user.f0', 'psi', 'drift', '2024-01-07'],
      ['user.f0', 'ks', 'drift', '2024-01-07'],
      ['user.f0', 'psi', 'drift', '2024-01-08'],
      ['user.f0', 'ks', 'drift', '2024-01-08'],
    ],
  );
});

test('alerts say in words what happened and what to do', () => {
  const record = toAlertRecord(opened as DriftAlert);
  assert.equal(record.alert_id, 'sim/1/1/opened');
  const [what, why] = record.summary.split('; ');
  assert.equal(what, 'model ranker 1: user.f0 drifted, since 2024-01-07T00:00:00.000Z');
  assert.match(why ?? '', /^corrected PSI of user.f0 is \d\.\d{3}, above 0.2$/);
  assert.match(record.next_step, /^Look first whether the source of user.f0 broke; /);
  assert.match(record.next_step, /retraining event sim\/1\/1 names\./);
  const end = toAlertRecord(closed as DriftAlert);
  assert.equal(end.alert_id, 'sim/1/1/closed');
  assert.equal(end.opened_at, '2024-01-09T00:00:00.000Z');
  assert.equal(end.closed_at, '2024-01-15T00:00:00.000Z');
  assert.match(end.summary, /user.f0 drifted since 2024-01-07T00:00:00.000Z and recovered$/);
});

test('the alert of a replaced model is valid, and says so', () => {
  const definition = monitor({ name: 'sim', model: 'ranker' });
  const open: OpenEpisode = {
    id: 'sim/1/1',
    number: 1,
    kind: 'drift',
    sinceMs: 0,
    openedMs: 0,
    signals: ['feature:a'],
    notices: [],
    features: ['a'],
    retraining: true,
    worsened: 0,
    told: { strengths: {}, share: 0 },
    acknowledged: null,
  };
  const state = { ...run.state, episodes: 1, open: [open] };
  const [alert] = judge(definition, state, { kind: 'model', version: '2', atMs: 1 }).emissions;
  const record = toAlertRecord(alert as DriftAlert);
  assert.deepEqual(throughAvro(alerts, record), JSON.parse(JSON.stringify(record)));
  assert.equal(record.reason, 'model_replaced');
  assert.match(record.summary, /was replaced/);
});

test('checks without figures are valid evidence', () => {
  const alert = closed as DriftAlert;
  const silent: readonly Check[] = alert.evidence.map((check) => ({
    ...check,
    statistic: null,
    pValue: null,
    effect: null,
    level: null,
    critical: null,
    nullMean: null,
    referenceId: null,
    verdict: 'no-reference',
  }));
  assert.ok(alerts.isValid(toAlertRecord({ ...alert, evidence: silent })));
});

test('every field of both schemas has a description', () => {
  const visit = (node: unknown, path: string): void => {
    if (Array.isArray(node)) {
      for (const one of node) visit(one, path);
    } else if (typeof node === 'object' && node !== null) {
      if ('fields' in node && Array.isArray(node.fields)) {
        for (const field of node.fields) {
          assert.match(field.doc ?? '', /\.$/, `${path}.${field.name}`);
          visit(field.type, `${path}.${field.name}`);
        }
      }
      if ('items' in node) visit(node.items, path);
    }
  };
  for (const name of ['drift-alerts', 'retraining-events']) {
    visit(JSON.parse(readFileSync(`schemas/${name}.avsc`, 'utf8')), name);
  }
});

test('six months before the end of a long month is the end of a shorter one', () => {
  const from = (text: string) =>
    new Date(trainingRows(null, Date.parse(text), 6).fromMs).toISOString();
  assert.equal(from('2024-08-31T12:00:00.000Z'), '2024-02-29T12:00:00.000Z');
  assert.equal(from('2023-08-31T12:00:00.000Z'), '2023-02-28T12:00:00.000Z');
  assert.equal(from('2024-03-15T00:00:00.000Z'), '2023-09-15T00:00:00.000Z');
});
