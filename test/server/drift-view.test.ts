import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DriftAlert } from '../../src/monitors/emission.js';
import { alertsOf } from '../../src/server/drift-view.js';
import { DriftHistory } from '../../src/streams/live/drift-history.js';

const share = { values: 'null', before: 0, after: 0 };

function alertOf(phase: DriftAlert['phase'], timeMs: number, after: number): DriftAlert {
  const moved = [{ values: 'above 3', before: 0.1, after }];
  return {
    kind: 'alert',
    episodeId: 'drift/1/1',
    episode: 1,
    episodeKind: 'drift',
    monitor: 'drift',
    model: 'ranker',
    modelVersion: '1',
    timeMs,
    reference: null,
    evidence: [],
    phase,
    reason: phase === 'closed' ? 'recovered' : phase === 'worsened' ? 'worsened' : 'drift',
    worsening: phase === 'worsened' ? 1 : 0,
    sinceMs: 0,
    openedMs: 1,
    closedMs: null,
    features: ['price'],
    triggers: [],
    changes: phase === 'closed' ? [] : [{ feature: 'price', nulls: share, strange: share, moved }],
    ranking: [],
    retraining: true,
  };
}

test('an alert shows what changed and what to do as its episode told last', () => {
  const history = new DriftHistory();
  const shown = () => {
    const [alert] = alertsOf(history);
    return [alert?.timeMs, alert?.endedMs, alert?.changes[0], alert?.nextStep.slice(0, 32)];
  };
  history.addEmission(alertOf('opened', 1, 0.3));
  const look = 'Look first whether the source of';
  assert.deepEqual(shown(), [1, null, 'price: above 3 from 10.0 % to 30.0 %', look]);
  history.addEmission(alertOf('worsened', 2, 0.6));
  assert.deepEqual(shown(), [1, null, 'price: above 3 from 10.0 % to 60.0 %', look]);
  history.addEmission(alertOf('closed', 3, 0));
  assert.deepEqual(shown(), [1, 3, 'price: above 3 from 10.0 % to 60.0 %', 'Nothing to do.']);
});
