import { randomUUID } from 'node:crypto';
import type { Consumer, Kafka, KafkaMessage } from '../../sinks/kafka/client.js';

/** Offsets of one partition from `from`, up to and without `to`. */
export interface Range {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Reads ranges once, each in order; resolves when all are read. Offsets that hold no record
 * (compacted, or a transaction's mark) are passed over.
 */
export async function readRanges(
  kafka: Kafka,
  ranges: readonly Range[],
  take: (range: Range, message: KafkaMessage) => void,
): Promise<void> {
  const wanted = ranges.filter(({ from, to }) => to > from);
  if (wanted.length === 0) return;
  // kafkajs reads in groups only: this one is joined by no one else and leaves nothing behind.
  const consumer = kafka.consumer(`${kafka.place.clientId}.reader.${randomUUID()}`, {
    maxBytesPerPartition: 8 * 1024 * 1024,
  });
  await consumer.connect();
  try {
    await consume(consumer, wanted, take);
  } finally {
    await consumer.disconnect();
  }
}

async function consume(
  consumer: Consumer,
  ranges: readonly Range[],
  take: (range: Range, message: KafkaMessage) => void,
): Promise<void> {
  const place = (topic: string, partition: number): string => `${topic}/${partition}`;
  const open = new Map(ranges.map((one) => [place(one.topic, one.partition), one]));
  const next = new Map(ranges.map((one) => [place(one.topic, one.partition), one.from]));
  const topics = [...new Set(ranges.map((one) => one.topic))];
  await consumer.subscribe({ topics, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) reject(payload.error);
    });
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      for (const [topic, partitions] of Object.entries(payload.memberAssignment)) {
        const idle = partitions.filter((partition) => !open.has(place(topic, partition)));
        if (idle.length > 0) consumer.pause([{ topic, partitions: idle }]);
      }
      for (const [name, { topic, partition }] of open) {
        consumer.seek({ topic, partition, offset: String(next.get(name)) });
      }
    });
    const reached = (name: string, upTo: number): void => {
      const range = open.get(name);
      if (range === undefined) return;
      next.set(name, Math.max(next.get(name)!, upTo));
      if (next.get(name)! < range.to) return;
      open.delete(name);
      consumer.pause([{ topic: range.topic, partitions: [range.partition] }]);
      if (open.size === 0) resolve();
    };
    // A fetch that brings nothing but transactions' marks is told of here alone.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) =>
      reached(place(payload.topic, payload.partition), Number(payload.lastOffset) + 1),
    );
    consumer
      .run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: async ({ batch, resolveOffset, heartbeat }) => {
          const name = place(batch.topic, batch.partition);
          const range = open.get(name);
          if (range === undefined) return;
          for (const message of batch.messages) {
            const offset = Number(message.offset);
            if (offset < next.get(name)! || offset >= range.to) continue;
            take(range, message);
          }
          resolveOffset(batch.lastOffset());
          reached(name, Number(batch.lastOffset()) + 1);
          await heartbeat();
        },
      })
      .catch(reject);
  });
  await consumer.stop();
}
