import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { createKafka, type Kafka } from '../../../src/sinks/kafka/client.js';
import { packLz4, unpackLz4 } from '../../../src/sinks/kafka/codecs/lz4.js';
import { packSnappy, unpackSnappy } from '../../../src/sinks/kafka/codecs/snappy.js';
import { packZstd, unpackZstd } from '../../../src/sinks/kafka/codecs/zstd.js';
import { type Compression, compressions } from '../../../src/sinks/kafka/codecs.js';
import { createLog } from '../../../src/telemetry/log.js';
import { needs, serverFor } from '../../servers.js';

const names = Object.keys(compressions) as readonly Compression[]; // its own keys
const broker = serverFor('kafka') ?? '';
const options = needs('kafka');

/** Lines that compress well, long enough for several blocks of a codec. */
const lines = Array.from(
  { length: 3_000 },
  (_, i) => `{"n":${i},"text":"é ${'ab'.repeat(i % 50)}"}`,
);

async function ownTopic(
  t: TestContext,
  own = 'producer',
): Promise<{ kafka: Kafka; topic: string }> {
  const clientId = `formats-${randomBytes(4).toString('hex')}`;
  const place = { brokers: [broker], clientId, tls: null, sasl: null, sessionTimeoutMs: 10_000 };
  const kafka = createKafka(place, createLog({ write: () => {} }));
  const topic = `${clientId}-codecs`;
  const admin = kafka.admin();
  await admin.connect();
  t.after(async () => {
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
  });
  const configEntries = [{ name: 'compression.type', value: own }];
  await admin.createTopics({ topics: [{ topic, numPartitions: 1, configEntries }] });
  return { kafka, topic };
}

async function produce(kafka: Kafka, topic: string, compression: number): Promise<void> {
  const producer = kafka.producer();
  await producer.connect();
  const messages = lines.map((value) => ({ value, partition: 0 }));
  await producer.sendBatch({ acks: -1, compression, topicMessages: [{ topic, messages }] });
  await producer.disconnect();
}

async function consume(kafka: Kafka, topic: string, times = 1): Promise<string[]> {
  const consumer = kafka.consumer(`${topic}-group`);
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const found: string[] = [];
  await new Promise<void>((done, fail) => {
    const eachMessage = async ({ message }: { message: { value: Buffer | null } }) => {
      found.push(String(message.value));
      if (found.length === times * lines.length) done();
    };
    consumer.run({ eachMessage }).catch(fail);
  });
  await consumer.disconnect();
  return found;
}

for (const name of names) {
  test(`batches written with ${name} are read again`, options, async (t) => {
    const { kafka, topic } = await ownTopic(t);
    await produce(kafka, topic, compressions[name]);
    assert.deepEqual(await consume(kafka, topic), lines);
  });

  // A topic with a codec of its own makes the broker, which is Java, unpack what comes and pack it
  // anew: what is read is Java's own work.
  test(
    `the broker reads what is written with ${name}, and what it packs so is read`,
    options,
    async (t) => {
      const own = name === 'none' ? 'uncompressed' : name;
      const { kafka, topic } = await ownTopic(t, own);
      const others = names.filter((other) => other !== name);
      for (const other of others) await produce(kafka, topic, compressions[other]);
      assert.deepEqual(
        await consume(kafka, topic, others.length),
        others.flatMap(() => lines),
      );
    },
  );
}

const codecs = [
  ['snappy', packSnappy, unpackSnappy],
  ['lz4', packLz4, unpackLz4],
  ['zstd', packZstd, unpackZstd],
] as const;
const bytesMax = 1 << 24;

/** Texts that repeat near and far, and noise. */
const anyBytes = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc
        .tuple(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.nat(20_000))
        .map(([unit, n]) => Buffer.alloc(n, unit)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => Buffer.concat(parts));

for (const [name, pack, unpack] of codecs) {
  test(`${name} gives back what it took, and never more than is allowed`, async () => {
    await fc.assert(
      fc.asyncProperty(anyBytes, async (bytes) => {
        const packed = await pack(bytes);
        assert.ok(bytes.equals(await unpack(packed, bytesMax)));
      }),
      { numRuns: 200 },
    );
    const large = await pack(Buffer.alloc(4 << 20, 'weir'));
    assert.ok(large.length < 300_000);
    await assert.rejects(async () => unpack(large, 1 << 20));
  });

  test(`damaged ${name} is refused or gives other bytes, and ends`, async () => {
    const packed = await pack(Buffer.from(lines.slice(0, 200).join('\n')));
    for (let at = 0; at < packed.length; at += 7) {
      const damaged = Buffer.from(packed);
      damaged[at]! ^= 0x55;
      for (const bytes of [damaged, packed.subarray(0, at)]) {
        await Promise.resolve()
          .then(() => unpack(bytes, bytesMax))
          .catch((error: unknown) => assert.ok(error instanceof Error));
      }
    }
    assert.equal((await unpack(packed, bytesMax)).length > 0, true);
  });
}
