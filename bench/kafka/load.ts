import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { createKafka, type Message } from '../../src/sinks/kafka/client.js';
import { createLog } from '../../src/telemetry/log.js';
import { forEachLine } from '../plain-loop.js';
import { sourcePartitions } from './feed.js';

// A thread that produces interactions of now at a fixed rate, in slices of 10 ms, and with every
// fifth slice one event of a user that was never seen: `probe-N`. Tells each probe and its time.

export interface LoadSettings {
  readonly brokers: readonly string[];
  readonly topic: string;
  /** Lines to take events from, again from the first when they end. */
  readonly file: string;
  readonly rate: number;
  readonly seconds: number;
}

export interface Probe {
  readonly user: string;
  /** `performance.timeOrigin + performance.now()` before it was given to the producer, ms. */
  readonly sentMs: number;
}

const sliceMs = 10;
const { brokers, topic, file, rate, seconds } = workerData as LoadSettings; // as its maker gave it

function at(line: string, time: string): string {
  return line.replace(/"timestamp":"[^"]*"/, `"timestamp":"${time}"`);
}

const place = { tls: null, sasl: null, sessionTimeoutMs: 10_000 };
const log = createLog({ level: 'error' });
const producer = createKafka({ brokers, clientId: 'weir-load', ...place }, log).producer();
await producer.connect();
const lines: string[] = [];
forEachLine(file, (line) => {
  if (lines.length < 200_000 && line.includes('"timestamp":"20')) lines.push(line);
});
const sample = lines.find((line) => line.includes('"view"'))!;
const startMs = performance.now();
let sent = 0;
for (let slice = 0; slice * sliceMs < seconds * 1_000; slice++) {
  const dueMs = startMs + slice * sliceMs;
  const waitMs = dueMs - performance.now();
  if (waitMs > 0) await delay(waitMs);
  const upTo = Math.floor(((slice + 1) * sliceMs * rate) / 1_000);
  const time = new Date().toISOString();
  const messages: Message[] = [];
  // As many as were due, so that a late slice does not lower the rate.
  for (; sent < upTo; sent++) {
    const value = at(lines[sent % lines.length]!, time);
    messages.push({ value, partition: sent % sourcePartitions });
  }
  if (slice % 5 === 0) {
    const user = `probe-${slice}`;
    const value = at(sample.replace(/"user_id":[^,]+/, `"user_id":"${user}"`), time);
    messages.push({ value, partition: slice % sourcePartitions });
    const sentMs = performance.timeOrigin + performance.now();
    parentPort!.postMessage({ user, sentMs } satisfies Probe);
  }
  await producer.send({ topic, messages });
}
parentPort!.postMessage(null);
await producer.disconnect();
