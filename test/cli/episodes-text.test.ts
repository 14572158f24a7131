import assert from 'node:assert/strict';
import { test } from 'node:test';
import { episodeText } from '../../src/cli/episodes-text.js';

test('an episode is shown with what changed and what to do next', () => {
  const text = episodeText({
    id: 'drift/1/1',
    monitor: 'drift',
    model: 'ranker',
    kind: 'drift',
    status: 'open',
    since: '2024-01-01T00:00:00.000Z',
    opened_at: '2024-01-03T00:00:00.000Z',
    closed_at: null,
    reason: null,
    features: ['price'],
    worsened: 0,
    acknowledged: null,
    retraining: null,
    changes: ['price: above 3 from 8.5 % to 35.6 %', 'lat: null from 0.1 % to 9.0 %'],
    next_step: 'Look at the source of price.',
  });
  assert.match(text, /^changed +price: above 3 .* 35.6 %\n {14}lat: null .* 9.0 %$/m);
  assert.match(text, /^next +Look at the source of price\.$/m);
});
