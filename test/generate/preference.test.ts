import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distanceKm } from '../../src/generate/city.js';
import { type Interaction, interactionsOf } from '../../src/generate/sessions.js';
import { createWorld } from '../../src/generate/world.js';

/** Area under the ROC curve by counting pairs, ties a half. */
function auc(cases: readonly { score: number; positive: boolean }[]): number {
  const positives = cases.filter((one) => one.positive);
  const negatives = cases.filter((one) => !one.positive);
  let won = 0;
  for (const { score } of positives)
    for (const other of negatives) won += score > other.score ? 1 : score === other.score ? 0.5 : 0;
  return won / (positives.length * negatives.length);
}

function scored(type: 'view' | 'click', score: (event: Interaction) => number, drift = false) {
  const drifts = drift ? [{ name: 'labels' as const, day: 0 }] : [];
  const events = interactionsOf(createWorld({ seed: 9, drifts }), 3);
  const pair = ({ sessionId, place }: Interaction): string => `${sessionId} ${place.id}`;
  const visited = new Set(events.filter((event) => event.type === 'visit').map(pair));
  return events
    .filter((event) => event.type === type)
    .map((event) => ({ score: score(event), positive: visited.has(pair(event)) }));
}

test('the true probabilities rank visits after views with an AUC of 0.75 to 0.85', () => {
  const found = auc(scored('view', (event) => event.visitProbability));
  assert.ok(found > 0.75 && found < 0.85, `AUC ${found}`);
});

test('the true probabilities are those of what happens', () => {
  for (const type of ['view', 'click'] as const) {
    const cases = scored(type, (event) => event.visitProbability);
    const expected = cases.reduce((sum, { score }) => sum + score, 0) / cases.length;
    const found = cases.filter((one) => one.positive).length / cases.length;
    assert.ok(Math.abs(found - expected) < 0.02, `${type}: ${found} for ${expected}`);
  }
});

test('nearness alone ranks visits, until the drift labels turns it round', () => {
  const nearness = ({ location, place }: Interaction): number =>
    location === null ? 0 : -distanceKm(location, place.location);
  assert.ok(auc(scored('view', nearness)) > 0.6);
  assert.ok(auc(scored('view', nearness, true)) < 0.4);
});
