import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WeirError } from '../../../src/errors.js';
import { key, number, oneOf, optional, text } from '../../../src/features/fields.js';
import { required, type TopicDefinition, table, together } from '../../../src/features/source.js';
import { compileDecoder, type Decoded, decodeLine } from '../../../src/streams/ingest/decoder.js';
import { interactions } from './interactions-topic.js';

const placeUpdates = table('place-updates', {
  key: 'place_id',
  time: 'timestamp',
  fields: {
    place_id: key(),
    category: optional(text(), { from: 'updates.category' }),
    price: optional(number(0), { from: 'updates.price' }),
    lat: optional(number(-90, 90), { from: 'updates.location.lat' }),
    lng: optional(number(-180, 180), { from: 'updates.location.lng' }),
  },
  rules: [together('lat', 'lng')],
  objects: ['updates'],
});

function decode(topic: TopicDefinition, line: string): Decoded | string {
  const into: Decoded = { row: null, timeMs: Number.NaN };
  const reason = decodeLine(compileDecoder(topic), line, into);
  return reason === '' ? into : reason;
}

const valid = { user_id: 7, event_type: 'view', timestamp: '2024-01-15T10:30:00Z' };
const line = (change: object): string => JSON.stringify({ ...valid, ...change });

test('a record becomes a flat row, null where a field is absent', () => {
  const decoded = decode(
    interactions,
    '{"user_id":7,"event_type":"rate","rating":4.5,"timestamp":"2024-01-15T10:30:00Z"}',
  );
  assert.deepEqual(decoded, {
    row: {
      user_id: 7,
      event_type: 'rate',
      rating: 4.5,
      lat: null,
      lng: null,
      device: null,
      tags: null,
    },
    timeMs: Date.UTC(2024, 0, 15, 10, 30),
  });
});

test('columns stand in the order declared, whatever the order of the record', () => {
  const decoded = decode(
    interactions,
    '{"tags":["a"],"context":{"device":"mobile","location":{"lng":2,"lat":1}},"timestamp":0,"event_type":"view","user_id":"u","more":[{}]}',
  );
  assert.equal(typeof decoded, 'object');
  const row = (decoded as Decoded).row ?? {};
  assert.deepEqual(Object.entries(row), [
    ['user_id', 'u'],
    ['event_type', 'view'],
    ['rating', null],
    ['lat', 1],
    ['lng', 2],
    ['device', 'mobile'],
    ['tags', ['a']],
  ]);
});

test('null, and null or absent parents, mean absent', () => {
  for (const change of [
    { rating: null, tags: null, context: null },
    { context: {} },
    { context: { location: null, device: null } },
    { context: { location: {} } },
    { context: { location: { lat: null } } },
  ]) {
    assert.equal(typeof decode(interactions, line(change)), 'object', JSON.stringify(change));
  }
});

test('negative zero and the largest exact integer are taken', () => {
  for (const change of [
    '"user_id":9007199254740991',
    '"user_id":-9007199254740991',
    '"user_id":-0',
  ]) {
    const decoded = decode(interactions, `{${change},"event_type":"view","timestamp":0}`);
    assert.equal(typeof decoded, 'object', change);
  }
});

test('each broken record says what was expected, where, and what was found', () => {
  const tooLarge = 'user_id: an integer beyond 2^53 - 1 has lost digits; send it as a string';
  const reasons: readonly (readonly [string, string])[] = [
    ['{"user_id":', 'not valid JSON: the text ends too early'],
    ['{"user_id":"', 'not valid JSON: the text ends too early'],
    ['{"user_id":}', 'not valid JSON'],
    ['{"user_id":NaN}', 'not valid JSON'],
    ['[1]', 'expected a JSON object, found a list'],
    ['5', 'expected a JSON object, found 5'],
    ['null', 'expected a JSON object, found null'],
    ['"a"', 'expected a JSON object, found "a"'],
    ['{}', 'user_id: missing'],
    [line({ user_id: null }), 'user_id: expected text or an integer, found null'],
    [line({ user_id: '' }), 'user_id: expected text or an integer, found ""'],
    [line({ user_id: 1.5 }), 'user_id: expected text or an integer, found 1.5'],
    [line({ user_id: [1] }), 'user_id: expected text or an integer, found a list'],
    [line({ user_id: {} }), 'user_id: expected text or an integer, found an object'],
    [line({ user_id: true }), 'user_id: expected text or an integer, found true'],
    [line({}).replace('7', '9007199254740992'), tooLarge],
    [line({}).replace('7', '9007199254740993'), tooLarge],
    [line({}).replace('7', '-1e300'), tooLarge],
    [
      line({}).replace('7', '1e999'),
      'user_id: expected text or an integer, found a number too large',
    ],
    [line({ event_type: 5 }), 'event_type: expected text, found 5'],
    [line({ rating: 7.5 }), 'rating: expected a number from 1 to 5, found 7.5'],
    [line({ rating: 0.999 }), 'rating: expected a number from 1 to 5, found 0.999'],
    [line({ rating: '4' }), 'rating: expected a number from 1 to 5, found "4"'],
    [
      line({ context: { location: { lat: 90.1, lng: 0 } } }),
      'context.location.lat: expected a number from -90 to 90, found 90.1',
    ],
    [line({ context: 5 }), 'context: expected an object, found 5'],
    [line({ context: [] }), 'context: expected an object, found a list'],
    [line({ context: 'x' }), 'context: expected an object, found "x"'],
    [line({ context: { location: 'here' } }), 'context.location: expected an object, found "here"'],
    [line({ context: { device: 3 } }), 'context.device: expected text, found 3'],
    [
      line({ context: { device: ['x'.repeat(60)] } }),
      'context.device: expected text, found a list',
    ],
    [line({ tags: 'a' }), 'tags: expected a list of texts, found "a"'],
    [line({ tags: ['a', 1] }), 'tags: expected a list of texts, found a list'],
    [line({ event_type: 'rate' }), 'rating: missing, required where event_type is rate'],
    [
      line({ event_type: 'rate', rating: null }),
      'rating: missing, required where event_type is rate',
    ],
    [
      line({ context: { location: { lat: 1 } } }),
      'context.location.lat and context.location.lng: expected all of them or none',
    ],
    [line({ timestamp: undefined }), 'timestamp: missing'],
    [
      line({ timestamp: 1_705_314_600 }),
      'timestamp: expected milliseconds, found 1705314600, which looks like seconds',
    ],
  ];
  for (const [text, reason] of reasons) assert.equal(decode(interactions, text), reason, text);
});

test('numbers with one bound or none refuse what JSON makes infinite', () => {
  const update = (price: string): string =>
    `{"place_id":1,"timestamp":0,"updates":{"price":${price}}}`;
  assert.equal(
    decode(placeUpdates, update('1e999')),
    'updates.price: expected a number of at least 0, found a number too large',
  );
  assert.equal(
    decode(placeUpdates, update('-1')),
    'updates.price: expected a number of at least 0, found -1',
  );
  const open: TopicDefinition = {
    ...placeUpdates,
    fields: { n: number() },
    rules: [],
    objects: [],
  };
  assert.equal(
    decode(open, '{"timestamp":0,"n":-1e999}'),
    'n: expected a number, found a number too large',
  );
});

test('a table keeps absent apart from null, which clears', () => {
  const rowOf = (updates: string): unknown => {
    const decoded = decode(placeUpdates, `{"place_id":1,"timestamp":0,"updates":${updates}}`);
    return typeof decoded === 'string' ? decoded : decoded.row;
  };
  const absent = {
    place_id: 1,
    category: undefined,
    price: undefined,
    lat: undefined,
    lng: undefined,
  };
  assert.deepEqual(rowOf('{}'), absent);
  assert.deepEqual(rowOf('{"location":{}}'), absent);
  assert.deepEqual(rowOf('{"category":null,"price":2}'), { ...absent, category: null, price: 2 });
  assert.deepEqual(rowOf('{"location":null}'), { ...absent, lat: null, lng: null });
});

test('fields that stand together are cleared together', () => {
  const decoded = decode(
    placeUpdates,
    '{"place_id":1,"timestamp":0,"updates":{"location":{"lat":null}}}',
  );
  assert.deepEqual((decoded as Decoded).row, {
    place_id: 1,
    category: undefined,
    price: undefined,
    lat: null,
    lng: null,
  });
});

test('a path that must hold an object is refused without one', () => {
  const reasonOf = (rest: string): unknown =>
    decode(placeUpdates, `{"place_id":1,"timestamp":0${rest}}`);
  assert.equal(reasonOf(''), 'updates: missing');
  assert.equal(reasonOf(',"updates":null'), 'updates: expected an object, found null');
  assert.equal(reasonOf(',"updates":5'), 'updates: expected an object, found 5');
});

test('names that every object inherits are read from the record only', () => {
  const topic: TopicDefinition = {
    ...interactions,
    fields: {
      constructor: optional(text()),
      toString: text(),
      ['__proto__']: optional(text()),
      deep: optional(text(), { from: 'valueOf.x' }),
    },
    rules: [],
  };
  assert.equal(decode(topic, '{"timestamp":0}'), 'toString: missing');
  const decoded = decode(topic, '{"timestamp":0,"toString":"a","__proto__":"b"}') as Decoded;
  assert.deepEqual(Object.entries(decoded.row ?? {}), [
    ['constructor', null],
    ['toString', 'a'],
    ['__proto__', 'b'],
    ['deep', null],
  ]);
});

test('no name or value of a definition can become code', () => {
  const hostile = [`"]; throw 1; //`, '`+process[1]`', "'\n*/ throw 1", '\u2028throw 1', '\\'];
  for (const name of hostile) {
    const topic: TopicDefinition = {
      ...interactions,
      time: `${name}t`,
      fields: {
        [name]: oneOf(name),
        b: optional(number(0, 1), { from: `x.${name}` }),
        c: optional(oneOf(...Array.from({ length: 20 }, (_, i) => name + i))),
      },
      rules: [required('b', { [name]: 'other' }), together('b', 'c')],
      objects: [`${name}o`],
    };
    const record = { [name]: name, [`${name}t`]: 0 };
    const object = `${name}o`;
    assert.equal(decode(topic, JSON.stringify(record)), `${object}: missing`);
    const decoded = decode(topic, JSON.stringify({ ...record, [object]: {} })) as Decoded;
    assert.deepEqual(decoded.row, { [name]: name, b: null, c: null });
  }
});

test('a rule about a field that is not declared is refused', () => {
  assert.throws(
    () => compileDecoder({ ...interactions, rules: [together('lat', 'lon')] }),
    (error) =>
      error instanceof WeirError &&
      error.code === 'definition-invalid' &&
      /lon/.test(error.message),
  );
});

test('unknown values are kept and counted, a hundred of them by name', () => {
  for (const known of [['view'], Array.from({ length: 30 }, (_, i) => `known-${i}`)]) {
    const decoder = compileDecoder({
      ...interactions,
      fields: { event_type: oneOf(...known) },
      rules: [],
    });
    const into: Decoded = { row: null, timeMs: 0 };
    const take = (value: string): void => {
      const text = JSON.stringify({ event_type: value, timestamp: 0 });
      assert.equal(decodeLine(decoder, text, into), '');
      assert.equal(into.row?.event_type, value);
    };
    for (const value of known) take(value);
    take('share');
    take('share');
    take('x'.repeat(65));
    for (let i = 0; i < 120; i++) take(`new-${i}`);
    const [unknown] = decoder.unknown;
    assert.equal(unknown?.field, 'event_type');
    assert.equal(unknown?.counts.get('share'), 2);
    assert.equal(unknown?.counts.size, 100);
    assert.equal(unknown?.other, 1 + 21);
  }
});
