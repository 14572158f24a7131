import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add } from '../../src/features/expression.js';
import { key, number, optional } from '../../src/features/fields.js';
import { source } from '../../src/features/source.js';
import { type View, view } from '../../src/features/view.js';
import { type MonitorOptions, monitor } from '../../src/monitors/definition.js';
import { pipeline } from '../../src/streams/pipeline.js';
import { person, thing } from '../operators/frames.js';

test('a pipeline knows its topics and stages from its views', () => {
  const { topics, stages, kind, name } = pipeline({ name: 'shop', views: [person, thing] });
  assert.equal(kind, 'pipeline');
  assert.equal(name, 'shop');
  assert.deepEqual(
    topics.map(({ topic }) => topic),
    ['visits', 'items', 'people', 'season'],
  );
  assert.deepEqual(
    stages.map((stage) => stage.name),
    ['person', 'thing'],
  );
});

interface Changes {
  readonly max?: number;
  readonly window?: string;
  readonly where?: number;
  readonly plus?: number;
  readonly latest?: string;
}

function defined({ max = 5, window = '1h', where = 1, plus = 1, latest = 'at' }: Changes) {
  const clicks = source('clicks', {
    key: 'who',
    time: latest,
    fields: { who: key(), paid: optional(number(0, max)) },
  });
  return view({
    name: 'person',
    key: 'who',
    source: clicks,
    features: (on) => ({ n: on.count({ where: { paid: where }, over: window }) }),
    derive: (f) => ({ m: add(f.n, plus) }),
  });
}
const hashOf = (one: View<unknown>) => pipeline({ name: 'p', views: [one] }).hash;

test('the hash of equal definitions is equal, and any change to a definition changes it', () => {
  assert.equal(hashOf(defined({})), hashOf(defined({})));
  const changes: Changes[] = [
    ...[{ max: 6 }, { window: '2h' }, { window: '1h/5m' }, { where: 2 }, { plus: 2 }],
    { latest: 'time' },
  ];
  const hashes = [defined({}), ...changes.map(defined)].map(hashOf);
  assert.equal(new Set(hashes).size, hashes.length);
  for (const hash of hashes) assert.match(hash, /^[0-9a-f]{16}$/);
});

test('how a monitor judges is no part of what its state depends on, what it counts is', () => {
  const of = (options: Omit<MonitorOptions, 'name'>) =>
    pipeline({
      name: 'p',
      views: [defined({})],
      monitors: [monitor({ name: 'm', ...options })],
    }).hash;
  assert.equal(of({ policy: { driftEffect: 0.3 } }), of({ performance: { drop: 0.2 } }));
  const counted = [{}, { period: '1h' }, { segments: ['x'] }, { performance: { decision: 0.4 } }];
  assert.equal(new Set(counted.map(of)).size, counted.length);
});

test('a window written in another way is the same window', () => {
  assert.equal(hashOf(defined({ window: '60m/60s' })), hashOf(defined({ window: '1h' })));
});
