import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationMs, firstPane, paneLeavesMs, parseWindow } from '../../src/windows/window.js';

const hourMs = 3_600_000;

test('a window has 60 panes unless it names others, or is the whole life', () => {
  assert.deepEqual(parseWindow('5m'), { lengthMs: 300_000, paneMs: 5_000 });
  assert.deepEqual(parseWindow('1h'), { lengthMs: hourMs, paneMs: 60_000 });
  assert.deepEqual(parseWindow('30d'), { lengthMs: 720 * hourMs, paneMs: 12 * hourMs });
  assert.deepEqual(parseWindow('24h/15m'), { lengthMs: 24 * hourMs, paneMs: 900_000 });
  assert.deepEqual(parseWindow('90s/90s'), { lengthMs: 90_000, paneMs: 90_000 });
  assert.equal(parseWindow('lifetime'), null);
});

test('a duration is a whole number and one unit', () => {
  assert.equal(durationMs('90s'), 90_000);
  assert.equal(durationMs('2d'), 172_800_000);
  for (const text of ['', 's', '0s', '01h', '-1h', '1.5h', '1 h', '1h ', '1w', '1H', '1hh']) {
    assert.equal(durationMs(text), undefined, text);
  }
});

test('a window that is none is refused with its owner, what was expected and what was found', () => {
  const wrong = [
    '1 hour',
    '',
    '/5m',
    '1h/',
    '1h/5m/1m',
    '1h/2h',
    '1h/0s',
    'Lifetime',
    '7s',
    '1h/1',
  ];
  for (const text of wrong) {
    assert.throws(() => parseWindow(text, 'view user, feature clicks'), {
      name: 'WeirError',
      code: 'definition-invalid',
      message: `view user, feature clicks: expected a window such as '5m', '24h' or '30d', with panes no longer than itself such as '24h/15m', or 'lifetime'; found '${text}'; write a whole number and s, m, h or d`,
    });
  }
});

test('a pane is in the window until the window begins at the next one', () => {
  const window = { lengthMs: hourMs, paneMs: 60_000 };
  const noon = Date.UTC(2025, 0, 1, 12);
  assert.equal(firstPane(window, noon) * 60_000, noon - hourMs);
  assert.equal(firstPane(window, noon - 1) * 60_000, noon - hourMs - 60_000);
  assert.equal(firstPane(window, noon + 59_999) * 60_000, noon - hourMs);
  for (const pane of [-3, 0, 28_927_440]) {
    const leaves = paneLeavesMs(window, pane);
    assert.equal(firstPane(window, leaves - 1), pane);
    assert.equal(firstPane(window, leaves), pane + 1);
  }
});
