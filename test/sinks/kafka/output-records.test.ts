import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import avro from 'avsc';
import type { DeadLetter } from '../../../src/records/dead-letter.js';
import type { Score } from '../../../src/records/score.js';
import type { Latest } from '../../../src/records/vector.js';
import { toFeatureUpdateRecord } from '../../../src/sinks/kafka/feature-update-record.js';
import { scoreOf, toScoreRecord } from '../../../src/sinks/kafka/score-record.js';

function schema(name: string): avro.Type {
  return avro.Type.forSchema(JSON.parse(readFileSync(`schemas/${name}.avsc`, 'utf8')));
}

/** What `record` is after Avro: a field that the schema does not have would be lost on the way. */
function throughAvro(type: avro.Type, record: unknown): unknown {
  assert.ok(type.isValid(record), JSON.stringify(record));
  return JSON.parse(JSON.stringify(type.fromBuffer(type.toBuffer(record))));
}

const feature = (name: string, type: Latest['view']['features'][number]['type']) => ({
  name,
  type,
  comment: '',
});
const latest: Latest = {
  view: {
    name: 'user',
    key: 'user_id',
    hash: '0123456789abcdef',
    features: [
      feature('clicks_1h', 'integer'),
      feature('mean', 'number'),
      feature('none', 'number'),
      feature('last_activity', 'time'),
      feature('never', 'time'),
      feature('category', 'text'),
      feature('busy_hours', 'integers'),
      feature('top', 'counts'),
      feature('empty', 'counts'),
    ],
  },
  key: 12,
  asOfMs: 1_700_000_000_123,
  validUntilMs: null,
  position: { epoch: 1, n: 2 ** 40 },
  values: [
    3,
    0.1,
    null,
    1_700_000_000_000,
    null,
    'é',
    [0, 2, 1],
    [
      ['cafe', 3],
      ['bar', 1],
    ],
    [],
  ],
};

test('a feature update is the same in JSON and in Avro, each value by its kind', () => {
  const record = toFeatureUpdateRecord(latest);
  const expected = {
    view: 'user',
    key: '12',
    as_of: '2023-11-14T22:13:20.123Z',
    valid_until: null,
    position: { epoch: 1, n: 2 ** 40 },
    definition: '0123456789abcdef',
    features: {
      clicks_1h: 3,
      mean: 0.1,
      none: null,
      last_activity: '2023-11-14T22:13:20.000Z',
      never: null,
      category: 'é',
      busy_hours: [0, 2, 1],
      top: [
        ['cafe', 3],
        ['bar', 1],
      ],
      empty: [],
    },
  };
  assert.deepEqual(record, expected);
  assert.deepEqual(throughAvro(schema('feature-updates'), record), expected);
  const ending = toFeatureUpdateRecord({ ...latest, validUntilMs: 0 });
  assert.equal(ending.valid_until, '1970-01-01T00:00:00.000Z');
});

test('a score comes back from its record, in JSON and in Avro', () => {
  const score: Score = {
    requestId: 'interactions/0/5',
    key: 'u1',
    model: 'ranker',
    version: '3',
    arm: 'champion',
    score: 0.25,
    timeMs: 1_700_000_000_123,
    position: { epoch: 0, n: 7 },
    inputs: { views: 3, category: 'bar', unknown: null },
  };
  for (const one of [score, { ...score, score: null }]) {
    const record = toScoreRecord(one);
    const found = throughAvro(schema('scores'), record);
    assert.deepEqual(found, JSON.parse(JSON.stringify(record)));
    assert.deepEqual(scoreOf(found as typeof record), one);
  }
});

test('a dead letter is its own record', () => {
  const letter: DeadLetter = {
    topic: 'interactions',
    partition: 2,
    offset: 2 ** 40,
    reason: 'invalid',
    detail: 'rating: missing',
    raw: '{"a":1}',
  };
  assert.deepEqual(throughAvro(schema('dead-letters'), letter), letter);
});

test('every field of every schema has a description, and each name is of its topic', () => {
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
      if ('values' in node) visit(node.values, path);
    }
  };
  const files = readdirSync('schemas').filter((name) => name.endsWith('.avsc'));
  assert.equal(files.length, 8);
  for (const file of files) {
    const parsed = JSON.parse(readFileSync(`schemas/${file}`, 'utf8')) as { namespace: string };
    visit(parsed, file);
    const topic = file.replace('.avsc', '').replaceAll('-', '_');
    assert.equal(parsed.namespace, `weir.${topic}`);
  }
});
