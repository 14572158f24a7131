import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { key, number, oneOf, optional, text, texts } from '../../../src/features/fields.js';
import { source, type TopicDefinition, table } from '../../../src/features/source.js';
import { compileDecoder, type Decoded, decodeLine } from '../../../src/streams/ingest/decoder.js';
import {
  createLayouts,
  learnLayout,
  readKnown,
} from '../../../src/streams/ingest/known-layouts.js';

const events = source('events', {
  key: 'user_id',
  time: 'time',
  fields: {
    user_id: key(),
    kind: oneOf('view', 'click'),
    rating: optional(number(1, 5)),
    constructor: optional(text()),
    tags: optional(texts()),
    lat: optional(number(), { from: 'at.place.lat' }),
    city: optional(text(), { from: 'at.city' }),
  },
}).events;

const updates = table('updates', {
  key: 'id',
  time: 'time',
  fields: { id: key(), name: optional(text(), { from: 'change.name' }), size: optional(number()) },
  objects: ['change'],
});

/** What JSON.parse alone makes of a line: a decoder of its own has seen no layout yet. */
function parsedAlone(topic: TopicDefinition, line: string): unknown[] {
  const into: Decoded = { row: null, timeMs: 0 };
  const reason = decodeLine(compileDecoder(topic), line, into);
  return reason === '' ? [into.row, into.timeMs] : [reason];
}

function sameAsParsed(topic: TopicDefinition, lines: readonly string[]): void {
  const decoder = compileDecoder(topic);
  for (const line of lines) {
    const into: Decoded = { row: null, timeMs: 0 };
    const reason = decodeLine(decoder, line, into);
    const found = reason === '' ? [into.row, into.timeMs] : [reason];
    assert.deepEqual(found, parsedAlone(topic, line), line);
  }
}

const number_ = fc.constantFrom(
  '1',
  '4.5',
  '-0',
  '0',
  '1e2',
  '1E+2',
  '01',
  '1.',
  '.5',
  '12345678901234567890',
  '2.50',
  '--1',
  'NaN',
);
const string_ = fc.constantFrom(
  '"view"',
  '"click"',
  '""',
  '"a text of many units"',
  '"a\\u0062c"',
  '"tab\t"',
  '"ünï"',
  '"\u{1f600}"',
  '"\\"',
  '"open',
  '"\\ud800"',
  '"x":1,"y"',
);
const time_ = fc.constantFrom(
  '"2024-01-15T10:30:00Z"',
  '"2024-01-15T10:30:00.123Z"',
  '"soon"',
  '1705314600000',
);
const scalar_ = fc.oneof(
  number_,
  string_,
  fc.constantFrom(
    'null',
    'true',
    'false',
    '[]',
    '[1, "a"]',
    '["a","b"]',
    '[{}]',
    '{}',
    '{"lat":1}',
  ),
);
const gap_ = fc.constantFrom('', '', '', ' ', '  ', '\t');
const name_ = fc.constantFrom(
  'user_id',
  'kind',
  'rating',
  'constructor',
  'tags',
  'other',
  'user\\u005fid',
  '__proto__',
  'id',
  'size',
  '7',
);

const object_ = (pairs: fc.Arbitrary<readonly string[]>) =>
  fc.tuple(pairs, gap_).map(([list, gap]) => `{${list.join(`,${gap}`)}}`);
const pair_ = fc
  .tuple(name_, gap_, scalar_)
  .map(([name, gap, value]) => `"${name}":${gap}${value}`);
const nested_ = object_(
  fc.array(
    fc.oneof(
      pair_,
      fc.tuple(scalar_, scalar_).map(([a, b]) => `"place":{"lat":${a},"x":${b}}`),
      scalar_.map((v) => `"city":${v}`),
      scalar_.map((v) => `"name":${v}`),
    ),
    { maxLength: 3 },
  ),
);
const line_ = fc
  .tuple(
    fc.constantFrom('1', '2', '"u"', '"a key of many units"', '1.5'),
    fc.constantFrom('"view"', '"click"', '"else"'),
    fc.array(pair_, { maxLength: 3 }),
    fc.option(nested_),
    fc.constantFrom('at', 'change'),
    time_,
    gap_,
  )
  .map(([user, kind, more, nested, at, time, gap]) => {
    const pairs = [
      `"user_id":${user}`,
      `"id":${user}`,
      `"kind":${kind}`,
      ...more,
      `"time":${time}`,
    ];
    if (nested !== null) pairs.push(`"${at}":${nested}`);
    return `{${pairs.join(`,${gap}`)}}`;
  });

test('a decoder that has learned layouts decodes every line as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.array(line_, { minLength: 1, maxLength: 12 }), (lines) => {
      const again = [...lines, ...lines.toReversed()];
      sameAsParsed(events, again);
      sameAsParsed(updates, again);
    }),
    { numRuns: 300 },
  );
});

test('a damaged copy of a known line is judged as JSON.parse judges it', () => {
  const line =
    '{"user_id":7,"kind":"view","rating":4.5,"time":"2024-01-15T10:30:00Z","at":{"place":{"lat":-1.25},"city":"Lisbon and its hills"}}';
  const damaged = Array.from({ length: line.length }, (_, i) =>
    ['', '"', '\\', '}', ',', '0', '.', ' ', '\u0000', '\n'].map(
      (unit) => line.slice(0, i) + unit + line.slice(i + 1),
    ),
  ).flat();
  sameAsParsed(events, [line, line, ...damaged]);
});

test('a line of a known layout is read without JSON.parse, the wanted places only', () => {
  const layouts = createLayouts(events);
  const first = '{"user_id":7,"extra":{"a":[1,2]},"kind":"view","time":"t"}';
  assert.equal(readKnown(layouts, first), null);
  learnLayout(layouts, first, JSON.parse(first));
  const second = '{"user_id":8, "extra": {"a":[]}, "kind": "click", "time": "u"}';
  assert.deepEqual(readKnown(layouts, second), {
    user_id: 8,
    kind: 'click',
    rating: undefined,
    constructor: undefined,
    tags: undefined,
    at: undefined,
    time: 'u',
  });
});

test('lines that never repeat a layout are soon left to JSON.parse', () => {
  const decoder = compileDecoder(events);
  const into: Decoded = { row: null, timeMs: 0 };
  for (let i = 0; i < 3_000; i++) {
    decodeLine(
      decoder,
      `{"user_id":${i},"kind":"view","time":"2024-01-15T10:30:00Z","k${i}":1}`,
      into,
    );
  }
  assert.equal(decoder.layouts.patterns.length, 0);
});
