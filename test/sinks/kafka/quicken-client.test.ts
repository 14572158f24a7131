import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { mock, test } from 'node:test';
import fc from 'fast-check';
import { crc32c } from '../../../src/sinks/kafka/crc32c.js';
import {
  type BatchContext,
  type DecodedRecord,
  decodeRecord,
  type RecordBytes,
} from '../../../src/sinks/kafka/decode-record.js';
import { encodeProduce, type ProduceRequest } from '../../../src/sinks/kafka/produce-request.js';

// The oracle is kafkajs's own code, loaded here as it was released.
const require = createRequire(import.meta.url);
const ownCrc: (bytes: Buffer) => number = require('kafkajs/src/protocol/recordBatch/crc32C');
const ownRequest: (request: ProduceRequest) => { encode: () => Promise<{ buffer: Buffer }> } =
  require('kafkajs/src/protocol/requests/produce/v3/request.js');
const OwnDecoder: new (bytes: Buffer) => RecordBytes = require('kafkajs/src/protocol/decoder.js');
const ownDecode: (source: RecordBytes, context: BatchContext) => DecodedRecord =
  require('kafkajs/src/protocol/recordBatch/record/v0/decoder.js');
const ownEncode: (record: object) => { buffer: Buffer } =
  require('kafkajs/src/protocol/recordBatch/record/v0/index.js');
const nowMs = 1_767_225_600_123;

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const part = fc.oneof(bytes, fc.string({ unit: 'grapheme', maxLength: 200 }), fc.constant(null));
const headers = fc.dictionary(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.oneof(bytes, fc.string({ maxLength: 40 })),
  { maxKeys: 3, noNullPrototype: true },
);
const message = fc.record({ key: part, value: part, headers }, { requiredKeys: ['value'] });
const request: fc.Arbitrary<ProduceRequest> = fc.record({
  acks: fc.constantFrom(-1, 1),
  timeout: fc.nat(60_000),
  transactionalId: fc.constantFrom(null, 'policy-1'),
  producerId: fc.constantFrom(-1, '4000000000'),
  producerEpoch: fc.nat(1_000),
  compression: fc.constant(0),
  topicData: fc.array(
    fc.record({
      topic: fc.string({ minLength: 1, maxLength: 20 }),
      partitions: fc.array(
        fc.record({
          partition: fc.nat(100),
          firstSequence: fc.nat(1_000_000),
          messages: fc.array(message, { minLength: 1, maxLength: 150 }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    }),
    { maxLength: 2 },
  ),
});

test('a checksum is the one of the released client, whatever the length', () => {
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283); // of RFC 3720
  fc.assert(fc.property(bytes, (some) => assert.equal(crc32c(some), ownCrc(some))));
});

test('a produce request has the bytes of the released client', async (t) => {
  t.after(() => mock.timers.reset());
  mock.timers.enable({ apis: ['Date'], now: nowMs });
  const property = fc.asyncProperty(request, async (one) => {
    const { buffer } = await ownRequest(one).encode();
    assert.deepEqual(encodeProduce(one, nowMs), buffer);
  });
  await fc.assert(property, { numRuns: 200 });
});

test('lists of headers, times of their own and compression are left to the client', () => {
  const of = (one: object, compression = 0): ProduceRequest => ({
    acks: -1,
    timeout: 1,
    compression,
    topicData: [
      {
        topic: 't',
        partitions: [{ partition: 0, firstSequence: 0, messages: [{ value: 'v', ...one }] }],
      },
    ],
  });
  assert.notEqual(encodeProduce(of({}), nowMs), null);
  assert.equal(encodeProduce(of({ headers: { a: ['b', 'c'] } }), nowMs), null);
  assert.equal(encodeProduce(of({ timestamp: '1' }), nowMs), null);
  assert.equal(encodeProduce(of({ value: new Uint8Array(2) }), nowMs), null);
  assert.equal(encodeProduce(of({}, 1), nowMs), null);
});

test('a record is read as the released client reads it, or left to it', () => {
  let read = 0;
  const record = fc.record({
    key: part,
    value: part,
    offsetDelta: fc.oneof(fc.nat(5_000), fc.nat(2_000_000_000)),
    timestampDelta: fc.oneof(
      fc.integer({ min: -90_000, max: 90_000 }),
      fc.integer({ min: -2_000_000_000, max: 2_000_000_000_000 }),
    ),
    headers: fc.constantFrom({}, {}, { trace: 'on' }),
  });
  const base = {
    magicByte: 2,
    firstOffset: '900719925400000',
    firstTimestamp: '1767225600123',
    maxTimestamp: '1767225600999',
  };
  const property = fc.property(record, fc.boolean(), fc.nat(1), (one, control, clock) => {
    const { buffer } = ownEncode(one);
    const lengthBytes = buffer.findIndex((byte) => byte < 0x80) + 1; // it begins with its length
    const body = buffer.subarray(lengthBytes);
    const context = { ...base, isControlBatch: control, timestampType: clock };
    const source = { buffer: body, offset: 0 };
    const found = decodeRecord(source, context);
    if (found === null) {
      assert.equal(source.offset, 0);
      return;
    }
    read++;
    assert.deepEqual(found, ownDecode(new OwnDecoder(body), context));
  });
  fc.assert(property, { numRuns: 1_000 });
  assert.ok(read > 100);
});
