import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileDecoder, type Decoded, decodeLine } from '../../../src/streams/ingest/decoder.js';
import { interactions } from './interactions-topic.js';

/** The rules of REQUIREMENTS for this topic once more, without paths, code or order of checks. */
function isValid(record: Record<string, unknown>): boolean {
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const within = (value: unknown, most: number): boolean =>
    typeof value === 'number' && Math.abs(value) <= most;
  const { user_id, event_type, rating, tags, timestamp } = record;
  const context = record.context ?? {};
  if (!isObject(context)) return false;
  const location = context.location ?? {};
  if (!isObject(location)) return false;
  const lat = location.lat ?? null;
  const lng = location.lng ?? null;
  const device = context.device ?? null;
  return (
    (typeof user_id === 'string' ? user_id.length > 0 : Number.isSafeInteger(user_id)) &&
    typeof event_type === 'string' &&
    ((rating ?? null) === null
      ? event_type !== 'rate'
      : within(rating, 5) && (rating as number) >= 1) &&
    (lat === null) === (lng === null) &&
    (lat === null || within(lat, 90)) &&
    (lng === null || within(lng, 180)) &&
    (device === null || typeof device === 'string') &&
    ((tags ?? null) === null ||
      (Array.isArray(tags) && tags.every((tag) => typeof tag === 'string'))) &&
    timestamp === 5
  );
}

test('a record is valid exactly where a naive reading of the rules says so', () => {
  const odd = fc.oneof(
    fc.constantFrom(
      null,
      true,
      '',
      'rate',
      'view',
      0,
      1,
      5,
      5.1,
      90,
      91,
      -180,
      181,
      2 ** 53,
      1e300,
    ),
    fc.constantFrom<unknown>([], ['a'], [1], {}, { lat: 1 }, { lat: 1, lng: 2 }),
  );
  const maybe = (good: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
    fc.oneof({ weight: 6, arbitrary: good }, { weight: 1, arbitrary: odd });
  const location = fc.record(
    { lat: maybe(fc.constantFrom(0, 90, -90)), lng: maybe(fc.constantFrom(0, 180)) },
    { requiredKeys: [] },
  );
  const context = fc.record(
    { location: maybe(location), device: maybe(fc.constant('mobile')) },
    { requiredKeys: [] },
  );
  const record = fc.record(
    {
      user_id: maybe(fc.constantFrom<unknown>(7, 'u')),
      event_type: maybe(fc.constantFrom('view', 'rate')),
      rating: maybe(fc.constantFrom(1, 3, 5)),
      tags: maybe(fc.constant(['a', 'b'])),
      context: maybe(context),
      timestamp: maybe(fc.constant(5)),
    },
    { requiredKeys: ['user_id', 'event_type', 'timestamp'] },
  );
  const decoder = compileDecoder(interactions);
  let taken = 0;
  fc.assert(
    fc.property(record, (one) => {
      const into: Decoded = { row: null, timeMs: Number.NaN };
      const wanted = isValid({
        ...one,
        timestamp:
          typeof one.timestamp === 'number' && Math.abs(one.timestamp) <= 8.64e15
            ? 5
            : one.timestamp,
      });
      assert.equal(decodeLine(decoder, JSON.stringify(one), into) === '', wanted);
      if (wanted) taken++;
    }),
    { numRuns: 5000 },
  );
  assert.ok(taken > 500 && taken < 4500, `${taken} of 5000 valid: the law must see both kinds`);
});
