import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  initialPolicy,
  type PolicyState,
  type RetrainingStatus,
} from '../../src/monitors/policy-state.js';
import { createServer, type Server } from '../../src/server/server.js';
import { createLog } from '../../src/telemetry/log.js';
import { createMetrics } from '../../src/telemetry/metrics.js';
import { type SampleEngine, sampleEngine } from './sample-engine.js';

const id = 'ranker/1/1';
const state: PolicyState = {
  ...initialPolicy('ranker', '1'),
  episodes: 1,
  open: [
    {
      id,
      number: 1,
      kind: 'drift',
      sinceMs: 0,
      openedMs: 86_400_000,
      signals: ['feature:a'],
      notices: [],
      features: ['a'],
      retraining: true,
      worsened: 0,
      told: { strengths: {}, share: 0 },
      acknowledged: null,
    },
  ],
  retrainings: [
    {
      id,
      kind: 'drift',
      modelVersion: '1',
      dueMs: 86_400_000,
      status: 'due',
      who: '',
      note: '',
      progress: null,
      version: null,
      changedMs: 86_400_000,
    },
  ],
};

let engine: SampleEngine;
let server: Server;

before(async () => {
  engine = sampleEngine();
  engine.found = { ok: true, policies: [{ monitor: 'drift', state, mutable: ['a', 'b'] }] };
  const log = createLog({ write: () => undefined });
  server = await createServer({ engine, metrics: createMetrics(), log, port: 0 });
});
after(() => server.close());

interface Answer {
  readonly episodes: readonly {
    readonly id: string;
    readonly status: string;
    readonly since: string;
    readonly retraining: { readonly status: string };
  }[];
  readonly retraining: readonly { readonly id: string; readonly due_at: string }[];
  readonly error: { readonly message: string };
}

/** What of it is there depends on the route. */
async function answerOf(response: Response): Promise<Answer> {
  return (await response.json()) as Answer;
}

async function say(path: string, body: unknown) {
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, answer: await answerOf(response) };
}

test('episodes are listed with their retraining', async () => {
  const answer = await answerOf(await fetch(`${server.url}/api/episodes`));
  const [episode] = answer.episodes;
  assert.deepEqual(
    [episode?.id, episode?.status, episode?.since, episode?.retraining.status],
    [id, 'open', '1970-01-01T00:00:00.000Z', 'due'],
  );
  const { retraining } = await answerOf(await fetch(`${server.url}/api/retraining`));
  assert.deepEqual(
    retraining.map((one) => [one.id, one.due_at]),
    [[id, '1970-01-02T00:00:00.000Z']],
  );
});

test('what is said becomes a command of the monitor that it is about', async () => {
  engine.said.length = 0;
  const until = '2024-01-02T00:00:00Z';
  const answers = [
    await say('/api/episodes/ack', { episode: id, who: 'ada' }),
    await say('/api/episodes/mute', { feature: 'a', until, reason: 'known', who: 'ada' }),
    await say('/api/episodes/unmute', { feature: 'a', who: 'ada' }),
    await say('/api/retraining/ack', { event: id, who: 'trainer' }),
    await say('/api/retraining/progress', { event: id, who: 'trainer', progress: 0.5 }),
    await say('/api/retraining/done', { event: id, who: 'trainer', version: '2' }),
  ];
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [202]);
  const common = { monitor: 'drift' };
  const said = engine.said.map(({ atMs, ...rest }) => {
    assert.ok(Math.abs(atMs - Date.now()) < 60_000);
    return rest;
  });
  const trainer = { ...common, kind: 'retraining', event: id, who: 'trainer', note: '' };
  assert.deepEqual(said, [
    { ...common, kind: 'acknowledge', episode: id, who: 'ada', note: '' },
    {
      ...common,
      kind: 'mute',
      feature: 'a',
      untilMs: Date.parse(until),
      reason: 'known',
      who: 'ada',
    },
    { ...common, kind: 'unmute', feature: 'a', who: 'ada' },
    { ...trainer, status: 'acknowledged', progress: null, version: null },
    { ...trainer, status: 'in-progress', progress: 0.5, version: null },
    { ...trainer, status: 'done', progress: null, version: '2' },
  ]);
});

test('what cannot be said is refused with the reason', async () => {
  engine.said.length = 0;
  const mute = { until: '2024-01-02T00:00:00Z', reason: 'r', who: 'a' };
  const refusals: readonly (readonly [string, unknown, number, RegExp])[] = [
    ['/api/episodes/ack', { episode: 'x', who: 'a' }, 404, /no episode "x"/],
    ['/api/episodes/ack', { episode: id }, 400, /^who: /],
    [
      '/api/episodes/mute',
      { until: 'soon', reason: 'r', who: 'a' },
      400,
      /^until: expected a time/,
    ],
    ['/api/episodes/mute', { monitor: 'x', reason: 'r', who: 'a' }, 404, /one of drift; found "x"/],
    ['/api/retraining/done', { event: id, who: 'a' }, 400, /^version: /],
    ['/api/retraining/progress', { event: id, who: 'a', progress: 2 }, 400, /^progress: /],
    ['/api/episodes/ack', [], 400, /a JSON object/],
    [
      '/api/retraining/done',
      { event: id, who: 'a', version: '1' },
      400,
      /new version.*"1".*in use/,
    ],
    ['/api/episodes/mute', { ...mute, feature: 'aa' }, 400, /expected one of a, b; found "aa"/],
    ['/api/episodes/mute', { ...mute, feature: 'aa' }, 400, /; did you mean "a"\?$/],
    ['/api/episodes/unmute', { who: 'a', feature: 'zzz' }, 400, /one of a, b; found "zzz"$/],
    ['/api/episodes/mute', { ...mute, feature: 'b [x=1]' }, 400, /expected "b", .*segments too/],
  ];
  for (const [path, body, status, message] of refusals) {
    const { status: found, answer } = await say(path, body);
    assert.equal(found, status, path);
    assert.match(answer.error.message, message);
  }
  assert.deepEqual(engine.said, []);
});

test('a version that is not there, or no plain name, is refused and not recorded', async () => {
  engine.said.length = 0;
  const done = (version: string) =>
    say('/api/retraining/done', { event: id, who: 'trainer', version });
  const missing = await done('3');
  assert.deepEqual(
    [missing.status, missing.answer.error.message],
    [409, 'version 3 does not lie there'],
  );
  for (const version of ['../../../etc/passwd', '..', 'a\\b', 'x'.repeat(101)]) {
    const { status, answer } = await done(version);
    assert.equal(status, 400, version);
    assert.match(answer.error.message, /^version: expected a plain name of at most 100 characters/);
  }
  assert.deepEqual(engine.said, []);
});

test('a retraining does not go back', async () => {
  const { found } = engine;
  const [due] = state.retrainings;
  const at = (status: RetrainingStatus) => {
    const retrainings = [{ ...due!, status, version: '2' }];
    const policies = [{ monitor: 'drift', state: { ...state, retrainings }, mutable: [] }];
    engine.found = { ok: true, policies };
  };
  const answers: (readonly [number, string])[] = [];
  for (const status of ['in-progress', 'done', 'in-use'] as const) {
    at(status);
    const { status: ack, answer } = await say('/api/retraining/ack', { event: id, who: 'a' });
    answers.push([ack, answer.error.message]);
    const { status: progress } = await say('/api/retraining/progress', { event: id, who: 'a' });
    const again = await say('/api/retraining/done', { event: id, who: 'a', version: '2' });
    assert.deepEqual([progress, again.status], [status === 'in-progress' ? 202 : 409, 202]);
  }
  engine.found = found;
  const sayOf = (now: string) =>
    `retraining ${id}: expected a later state than ${now}; found acknowledged; GET /api/retraining says where it is`;
  assert.deepEqual(answers, [
    [409, sayOf('in-progress')],
    [409, sayOf('done')],
    [409, sayOf('in-use')],
  ]);
});

test('where the policies cannot be read nothing is taken', async () => {
  const { found } = engine;
  engine.found = { ok: false, why: 'Kafka is away' };
  const { status, answer } = await say('/api/episodes/ack', { episode: id, who: 'ada' });
  engine.found = found;
  assert.deepEqual([status, answer.error.message], [503, 'Kafka is away']);
});
