import './quicken-client.js'; // before the client is loaded
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import kafkajs, {
  type Admin,
  type Consumer,
  type EachBatchPayload,
  type KafkaMessage,
  type Message,
  type Producer,
  type ProducerBatch,
  type RecordMetadata,
  type SASLOptions,
  type Transaction,
} from 'kafkajs';
import { WeirError } from '../../errors.js';
import type { Log } from '../../telemetry/log.js';
import { type Compression, compressions, installCodecs } from './codecs.js';

// The only file that imports kafkajs; what others need of it goes through here.
export type {
  Admin,
  Consumer,
  EachBatchPayload,
  KafkaMessage,
  Message,
  Producer,
  ProducerBatch,
  RecordMetadata,
  Transaction,
};

export interface KafkaTls {
  /** Paths; null where the system's are used, or the broker asks for none. */
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
}

export interface KafkaSasl {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}

/** How a Kafka cluster is reached. */
export interface KafkaPlace {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly tls: KafkaTls | null;
  readonly sasl: KafkaSasl | null;
  /** A member that was silent for so long loses its partitions, ms. */
  readonly sessionTimeoutMs: number;
  /** Of what is written; none by default. */
  readonly compression?: Compression;
}

/** A Kafka cluster; what is made here is connected and closed by the caller. */
export interface Kafka {
  readonly place: KafkaPlace;
  admin(): Admin;
  /** Acknowledged by all in-sync replicas; in order within a partition, retries included. */
  producer(): Producer;
  /** Fences every earlier producer of the id when it connects. */
  transactional(transactionalId: string): Producer;
  /** Reads committed records only. */
  consumer(groupId: string, options?: ConsumerOptions): Consumer;
}

export interface ConsumerOptions {
  /** How long the broker may hold back a fetch that has nothing to give, ms. */
  readonly maxWaitMs?: number;
  readonly maxBytesPerPartition?: number;
}

const { CompressionCodecs, Kafka: Client, logLevel, Partitioners } = kafkajs;
installCodecs(CompressionCodecs);
/** By the hash of the key, as the Java client does it. */
const createPartitioner = Partitioners.DefaultPartitioner;

/**
 * Opens nothing yet: each part connects by itself.
 * @param retries of a connection; for ever by default
 * @throws WeirError kafka-failed where a TLS file cannot be read
 */
export function createKafka(place: KafkaPlace, log: Log, retries = Number.MAX_SAFE_INTEGER): Kafka {
  const { brokers, clientId, tls, sasl } = place;
  const client = new Client({
    brokers: [...brokers],
    clientId,
    ...(tls === null ? {} : { ssl: readTls(tls) }),
    // All three mechanisms take the same fields.
    ...(sasl === null ? {} : { sasl: { ...sasl } as SASLOptions }),
    connectionTimeout: 3_000,
    requestTimeout: 30_000,
    // For ever, up to 5 s apart: whoever waits says so, and what was taken must not be dropped.
    retry: { initialRetryTime: 50, maxRetryTime: 5_000, retries },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => tell(log, entry.namespace, entry.log),
  });
  return {
    place,
    admin: () =>
      patient(client.admin({ retry: { retries: 8, initialRetryTime: 50, maxRetryTime: 2_000 } })),
    producer: () =>
      inTurn(
        client.producer({ createPartitioner, idempotent: true, maxInFlightRequests: 1 }),
        compressions[place.compression ?? 'none'],
      ),
    transactional: (transactionalId) =>
      client.producer({
        createPartitioner,
        transactionalId,
        idempotent: true,
        maxInFlightRequests: 1,
        transactionTimeout: 30_000,
        // CONCURRENT_TRANSACTIONS is retried so soon: the default of 300 ms makes a commit slow.
        retry: { initialRetryTime: 20, maxRetryTime: 2_000, retries: 12 },
      }),
    consumer: (groupId, options = {}) =>
      client.consumer({
        groupId,
        sessionTimeout: place.sessionTimeoutMs,
        rebalanceTimeout: 2 * place.sessionTimeoutMs,
        heartbeatInterval: Math.floor(place.sessionTimeoutMs / 6),
        // The default of 5 s would hold back joins, leaves and whatever else waits for the fetch.
        maxWaitTimeInMs: options.maxWaitMs ?? 100,
        maxBytesPerPartition: options.maxBytesPerPartition ?? 4 * 1024 * 1024,
        maxBytes: 32 * 1024 * 1024,
        metadataMaxAge: 30_000,
        retry: { restartOnFailure: async () => true },
      }),
  };
}

/**
 * The same admin; it asks again where a broker that has just begun says to: offsets that are still
 * being loaded, a topic it does not know yet. kafkajs itself does so for some calls only.
 */
function patient(admin: Admin): Admin {
  return {
    ...admin,
    fetchOffsets: (asked) => again(() => admin.fetchOffsets(asked)),
    fetchTopicOffsets: (topic) => again(() => admin.fetchTopicOffsets(topic)),
    fetchTopicOffsetsByTimestamp: (topic, timestamp) =>
      again(() => admin.fetchTopicOffsetsByTimestamp(topic, timestamp)),
    fetchTopicMetadata: (asked) => again(() => admin.fetchTopicMetadata(asked)),
    describeConfigs: (asked) => again(() => admin.describeConfigs(asked)),
    deleteTopicRecords: (asked) => again(() => admin.deleteTopicRecords(asked)),
  };
}

const patienceMs = 30_000;

async function again<Value>(ask: () => Promise<Value>): Promise<Value> {
  for (const deadline = Date.now() + patienceMs; ; await delay(250)) {
    try {
      return await ask();
    } catch (error) {
      const passing = error instanceof Error && 'retriable' in error && error.retriable === true;
      if (!passing || Date.now() > deadline) throw error;
    }
  }
}

/**
 * The same producer; what it sends is compressed, and a call begins when the one before it is done,
 * its retries included. While a call waits to try again kafkajs gives its sequence numbers to the
 * next one. Where the broker had taken the first and only its answer was lost, it holds the next
 * for the repeat, acknowledges it and drops it.
 */
function inTurn(producer: Producer, compression: number): Producer {
  let last: Promise<unknown> = Promise.resolve();
  const next = <Value>(send: () => Promise<Value>): Promise<Value> => {
    const sent = last.then(send);
    last = sent.catch(() => undefined); // whoever sent it hears of it
    return sent;
  };
  return {
    ...producer,
    send: (record) => next(() => producer.send({ compression, ...record })),
    sendBatch: (batch) => next(() => producer.sendBatch({ compression, ...batch })),
  };
}

function readTls({ caFile, certFile, keyFile }: KafkaTls) {
  const read = (path: string): string => {
    try {
      return readFileSync(path, 'utf8');
    } catch (cause) {
      throw new WeirError('kafka-failed', `cannot read ${path}, a file of kafka.tls`, { cause });
    }
  };
  return {
    ...(caFile === null ? {} : { ca: [read(caFile)] }),
    ...(certFile === null ? {} : { cert: read(certFile) }),
    ...(keyFile === null ? {} : { key: read(keyFile) }),
  };
}

/** kafkajs's own lines are of use to whoever looks into a failure, not to everyone. */
function tell(log: Log, part: string, { message, ...rest }: Record<string, unknown>): void {
  const { error, broker, groupId } = rest;
  log.debug(`kafka: ${String(message)}`, { part, error, broker, groupId });
}
