import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { chromium, type Page } from 'playwright-core';
import {
  initialPolicy,
  type OpenEpisode,
  type Retraining,
} from '../../src/monitors/policy-state.js';
import { streamLimits } from '../../src/server/stream.js';
import { latestOf, noonMs, sampleAlert, sampleRetraining } from './sample-engine.js';
import { type Served, serve } from './serve.js';

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const options = {
  timeout: 60_000,
  skip: existsSync(executablePath) ? false : `no Chromium at ${executablePath}`,
};
const brisk = { ...streamLimits, flushMs: 5, statusMs: 20 };
const dayMs = 86_400_000;

interface Opened extends Served {
  readonly page: Page;
  /** Console errors, refused requests and requests to other hosts. */
  readonly faults: string[];
}

async function open(t: TestContext, prepare: (served: Served) => void): Promise<Opened> {
  const served = await serve(t, brisk);
  prepare(served);
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  t.after(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(served.server.url)) faults.push(`asked ${request.url()}`);
  });
  await page.goto(served.server.url);
  return { ...served, page, faults };
}

async function shows(page: Page, selector: string, text: string): Promise<void> {
  await page.locator(selector, { hasText: text }).first().waitFor({ timeout: 20_000 });
}

test('the page shows rate, watermark with its holder, and the account', options, async (t) => {
  const { page, faults } = await open(t, () => undefined);
  await shows(page, '#state', 'Live');
  await shows(page, '#rate', '13');
  await shows(page, '#watermark', '12:00:00 15 Jan UTC');
  await shows(page, '#watermark-holder', 'held by interactions/0 idle for 41 s');
  await shows(page, '#scores-latency', '95 % within 8.3 ms');
  const account = { in: '10', used: '6', late: '1', invalid: '2', duplicate: '1', filtered: '0' };
  for (const [name, value] of Object.entries(account)) {
    assert.equal(await page.locator(`#account-${name}`).textContent(), value, name);
  }
  assert.deepEqual(faults, []);
});

test('the features of the newest key show, and what changes flashes', options, async (t) => {
  const values = (clicks: number) => [clicks, 5, null, noonMs, [1, 0, 2], [['<b>', 3]]] as const;
  const { engine, page, faults } = await open(t, ({ engine }) => {
    engine.vectors.set('5', latestOf(5, values(41)));
  });
  await shows(page, '.matrix td', '41');
  await shows(page, '.counts', '<b> 3');
  assert.equal(await page.inputValue('#key'), '5');
  engine.vectors.set('5', latestOf(5, values(42)));
  engine.emit({ kind: 'features', view: 'user', keys: [5] });
  await shows(page, '.matrix td.changed', '42');
  assert.equal(await page.locator('.changed').count(), 1);
  await page.fill('#key', 'nobody');
  await page.press('#key', 'Enter');
  await shows(page, '#entity-note', 'view "user" holds nothing for key "nobody"');
  assert.equal(await page.isChecked('#follow'), false);
  const expected = faults.filter((fault) => !fault.includes('404'));
  assert.deepEqual(expected, []);
});

test('progress shows while catching up and goes away after', options, async (t) => {
  const { engine, page } = await open(t, ({ engine }) => {
    engine.current = { ...engine.current, catchingUp: { day: 37, days: 60 } };
  });
  await shows(page, '#catching-up-text', 'Catching up: day 37 of 60');
  engine.current = { ...engine.current, catchingUp: null };
  await page.locator('#catching-up').waitFor({ state: 'hidden' });
});

test(
  'drift is drawn, and an alert appears with its retraining event in words',
  options,
  async (t) => {
    const { engine, page, faults } = await open(t, () => undefined);
    await shows(page, '#alerts', 'None.');
    const periods = [0, 1, 2].map((i) => ({
      startMs: noonMs + i * dayMs,
      endMs: noonMs + (i + 1) * dayMs,
    }));
    engine.history = {
      note: '',
      threshold: 0.2,
      periods,
      series: [
        { feature: 'place.price_level', psi: [0.01, null, 0.83], critical: [0.1, 0.1, 0.1] },
      ],
      planted: [{ name: 'prices', timeMs: noonMs + dayMs, effect: 'dearer' }],
    };
    engine.raised = [sampleAlert];
    engine.emit({ kind: 'alert', alert: sampleAlert });
    await shows(page, '.alert h3', 'Drift in 1 feature of ranker 1');
    await shows(page, '.alert .next', 'Look first whether the source of place.price_level broke.');
    await page.locator('.alert summary', { hasText: 'What changed' }).click();
    await shows(page, '.alert details[open]', 'above 3 from 8.5 % to 35.6 %');
    await shows(page, '.alert.retraining h3', 'Retrain ranker 1');
    await shows(page, '#drift-legend .over', '0.83');
    await page.locator('#drift-chart canvas').waitFor();
    const label = await page.getAttribute('#drift-chart', 'aria-label');
    assert.equal(label, 'PSI over 3 periods, threshold 0.2; latest: place.price_level 0.83');
    assert.deepEqual(faults, []);
  },
);

test('a call for retraining says how far it is, and is over once another version is in use', {
  ...options,
}, async (t) => {
  const { id } = sampleRetraining;
  const about = { id, kind: 'drift', modelVersion: '1', dueMs: noonMs, changedMs: noonMs } as const;
  const said = { who: 'ada', note: '<i>soon</i>', progress: null, version: null } as const;
  const { engine, page, faults } = await open(t, ({ engine }) => {
    engine.raised = [sampleAlert];
    engine.scheduled = [{ ...sampleRetraining, id: 'week', episode: 'week', reason: 'weekly' }];
  });
  const stand = (more: Partial<Retraining>): void => {
    const due: Retraining = { ...about, ...said, status: 'due', ...more };
    const retrainings = [{ ...due, id: 'week' }, due];
    const state = { ...initialPolicy('ranker', '1'), retrainings };
    engine.found = { ok: true, policies: [{ monitor: 'drift', state, mutable: [] }] };
    engine.emit({ kind: 'retraining', event: sampleRetraining });
  };
  const card = '.alert.retraining';
  await shows(page, `${card} h3`, 'Retrain ranker 1');
  assert.equal(await page.locator(`${card} .next`).count(), 0);
  stand({ status: 'acknowledged' });
  await shows(page, `${card} .next`, 'Acknowledged by ada: <i>soon</i>');
  stand({ status: 'in-progress', progress: 0.5, note: '' });
  await shows(page, `${card} .next`, 'In progress, 50 % by ada');
  stand({ status: 'done', version: '2', note: '' });
  await shows(page, `${card} .next`, 'Version 2 is done by ada; it is not in use yet');
  assert.equal(await page.locator(`${card}.over`).count(), 0);
  stand({ status: 'in-use', version: '2' });
  await shows(page, `${card}.over h3`, 'ranker 2 took the place of 1');
  await shows(page, `${card}.over .next`, 'In use since 15 Jan 12:00');
  // Looks as an episode that is over does, not as a call.
  const colour = (selector: string) =>
    page.locator(selector).evaluate('(card) => getComputedStyle(card).backgroundColor');
  const well =
    'document.body.append(Object.assign(document.createElement("article"), { className: "alert over", id: "w" }))';
  await page.evaluate(well);
  assert.equal(await colour(`${card}.over`), await colour('#w'));
  assert.equal(await page.locator(card).count(), 1, 'what the schedule called for is over too');
  engine.found = { ok: false, why: 'Kafka is away' };
  const asked = page.waitForResponse((answer) => answer.status() === 503);
  engine.emit({ kind: 'retraining', event: sampleRetraining });
  await asked;
  engine.raised = [{ ...sampleAlert, nextStep: 'Nothing to do.' }];
  await shows(page, '.alert .next', 'Nothing to do.');
  assert.equal(await page.locator(`${card}.over`).count(), 1, 'what was known stands');
  assert.deepEqual(
    faults.filter((fault) => !fault.includes('503')),
    [],
  );
});

test('an alert says who is on it, and what is muted stands below', options, async (t) => {
  const open1: OpenEpisode = {
    ...{ id: sampleAlert.episode, number: 3, kind: 'drift', sinceMs: 0, openedMs: noonMs },
    ...{ signals: [], notices: [], features: [], retraining: true, worsened: 0 },
    told: { strengths: {}, share: 0 },
    acknowledged: { who: 'ada', note: 'ticket 4711', atMs: noonMs },
  };
  const about = { untilMs: noonMs, reason: 'sale', who: 'bob', atMs: noonMs };
  const mutes = [
    { feature: 'device', ...about },
    { feature: null, ...about },
  ];
  const { page, faults } = await open(t, ({ engine }) => {
    engine.raised = [sampleAlert];
    const state = { ...initialPolicy('ranker', '1'), open: [open1], mutes };
    engine.found = { ok: true, policies: [{ monitor: 'drift', state, mutable: [] }] };
  });
  await shows(page, '.alert .next', 'Acknowledged by ada: ticket 4711');
  await shows(page, '#alerts .muted', 'device is muted until 15 Jan 12:00:00 by bob: sale');
  await shows(page, '#alerts .muted', 'All of drift is muted until 15 Jan 12:00:00 by bob: sale');
  assert.deepEqual(faults, []);
});

test('of the calls of the schedule the newest show, the rest is counted', options, async (t) => {
  const { page } = await open(t, ({ engine }) => {
    engine.scheduled = ['7', '6', '5', '4', '3'].map((episode) => {
      return { ...sampleRetraining, id: `ranker-1/${episode}`, episode, reason: `week ${episode}` };
    });
  });
  await shows(page, '#alerts .more', 'and 3 more that no drift is behind: weir retraining list');
  assert.deepEqual(await page.locator('#alerts article > p').allTextContents(), [
    'week 7',
    'week 6',
  ]);
});

test('a narrow window needs no sideways scrolling', options, async (t) => {
  const { page } = await open(t, ({ engine }) => {
    engine.vectors.set('5', latestOf('k'.repeat(300), [1, 2, 3, noonMs, [1, 2, 3], [['a', 1]]]));
    engine.raised = [sampleAlert];
  });
  await page.setViewportSize({ width: 360, height: 740 });
  await shows(page, '#state', 'Live');
  const script = '[document.documentElement.scrollWidth, innerWidth]';
  const [content, window] = (await page.evaluate(script)) as [number, number];
  assert.ok(content <= window, `${content} > ${window}`);
});

test(
  'the share of a process shows its partitions and tasks, and what holds them up',
  options,
  async (t) => {
    const { engine, page, faults } = await open(t, () => undefined);
    await shows(page, '#state', 'Live');
    assert.equal(await page.isHidden('#share'), true);
    assert.equal(await page.isHidden('#pauses'), true);
    const pause = 'Redis does not take vectors: it hangs; consumption is paused in user.1';
    const lane = { topic: 'interactions', taken: 10, counts: [10, 0, 0, 0, 0, 0] };
    engine.parts = [{ name: 'redis', ready: false, why: 'it hangs' }];
    engine.current = {
      ...engine.current,
      lanes: [
        { ...lane, partition: '0', lag: 0 },
        { ...lane, partition: '7', lag: 1_200 },
      ],
      share: {
        role: 'features',
        pauses: [pause],
        tasks: [
          { name: 'user.0', state: 'running', lag: 0 },
          { name: 'user.1', state: 'waiting', lag: 30 },
          { name: 'place.0', state: 'restoring', lag: 0 },
        ],
      },
    };
    await shows(page, '#pauses', pause);
    assert.equal(await page.textContent('#state'), 'Not ready: redis');
    await shows(page, '#share-role', 'role features');
    // The partition that is furthest behind comes first.
    assert.deepEqual(await page.locator('#lanes tr').allTextContents(), [
      'interactions/7101,200 behind',
      'interactions/010at its end',
    ]);
    assert.deepEqual(await page.locator('#tasks .chip').allTextContents(), [
      '0',
      '1 · waiting, 30 behind',
      '0 · restoring',
    ]);
    engine.current = { ...engine.current, share: null };
    await page.locator('#share').waitFor({ state: 'hidden' });
    await page.locator('#pauses').waitFor({ state: 'hidden' });
    assert.deepEqual(faults, []);
  },
);
