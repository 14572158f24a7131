import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createKafka } from '../../../src/sinks/kafka/client.js';
import { readRanges } from '../../../src/streams/cluster/read-range.js';
import { createLog } from '../../../src/telemetry/log.js';
import { startServers } from '../../private-servers.js';
import { needs } from '../../servers.js';
import { createProxy, kafkaProxyOptions } from '../../toxiproxy.js';

const topic = 'in-turn';

describe('a producer', needs('kafka', 'toxiproxy'), () => {
  test('keeps what is sent while a call whose answer was lost waits to try again', async (t) => {
    const servers = await startServers('kafka', 'toxiproxy');
    t.after(() => servers.close());
    const broker = servers.address('kafka');
    const proxy = await createProxy(servers.address('toxiproxy'), kafkaProxyOptions(broker));
    const log = createLog({ level: 'error' });
    const place = { clientId: 'test', tls: null, sasl: null, sessionTimeoutMs: 10_000 };
    const direct = createKafka({ ...place, brokers: [broker] }, log);
    const admin = direct.admin();
    await admin.connect();
    t.after(() => admin.disconnect());
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
    const producer = createKafka({ ...place, brokers: [proxy.address] }, log).producer();
    await producer.connect();
    t.after(() => producer.disconnect());
    const send = (value: string) =>
      producer.send({ topic, acks: -1, messages: [{ partition: 0, value }] });
    await send('zeroth');
    const end = async () => Number((await admin.fetchTopicOffsets(topic))[0]?.high);
    // The broker takes the first, and its answer is on the way when the connection breaks.
    await proxy.slow(60_000);
    const first = send('first');
    while ((await end()) < 2) await delay(20);
    const second = send('second');
    await proxy.cut();
    await delay(200); // the first waits to try again
    await proxy.restore();
    await Promise.all([first, second]);
    const found: string[] = [];
    const range = { topic, partition: 0, from: 0, to: await end() };
    await readRanges(direct, [range], (_, { value }) => found.push(String(value)));
    assert.deepEqual(found, ['zeroth', 'first', 'second']);
  });
});
