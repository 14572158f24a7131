import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createKafka, type Kafka, type KafkaPlace } from '../../../src/sinks/kafka/client.js';
import { createLog } from '../../../src/telemetry/log.js';
import { type PrivateServers, startServersWith } from '../../private-servers.js';
import { needs } from '../../servers.js';

const password = 'not-to-be-seen';

/** A second listener that asks for TLS and a user; the first one stays as it is. */
function settingsOf(certificate: string, key: string): string {
  const login = `org.apache.kafka.common.security.plain.PlainLoginModule required user_weir="${password}";`;
  const oneLine = (path: string): string => readFileSync(path, 'utf8').replaceAll('\n', '\\n');
  return [
    'advertised.listeners=PLAINTEXT://{plain},PROXIED://{second},CONTROLLER://{controller}',
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,PROXIED:SASL_SSL,CONTROLLER:PLAINTEXT',
    'listener.name.proxied.sasl.enabled.mechanisms=PLAIN',
    `listener.name.proxied.plain.sasl.jaas.config=${login}`,
    'listener.name.proxied.ssl.keystore.type=PEM',
    `listener.name.proxied.ssl.keystore.certificate.chain=${oneLine(certificate)}`,
    `listener.name.proxied.ssl.keystore.key=${oneLine(key)}`,
    '',
  ].join('\n');
}

describe('a broker that asks for TLS and a user', needs('kafka'), () => {
  const directory = mkdtempSync(join(tmpdir(), 'weir-secured-'));
  const certificate = join(directory, 'broker.pem');
  const lines: string[] = [];
  let servers: PrivateServers;

  before(async () => {
    const key = join(directory, 'key.pem');
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject];
    execFileSync('openssl', [...made, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
    const extra = join(directory, 'extra.properties');
    writeFileSync(extra, settingsOf(certificate, key));
    servers = await startServersWith({ WEIR_SERVERS_KAFKA_EXTRA: extra }, 'kafka');
  });
  after(async () => {
    await servers.close();
    rmSync(directory, { recursive: true });
  });

  function kafkaWith(place: Partial<KafkaPlace>): Kafka {
    const [host, port] = servers.address('kafka').split(':');
    const brokers = [`${host}:${Number(port) + 2}`];
    const log = createLog({ level: 'debug', write: (line) => void lines.push(line) });
    const common = { brokers, clientId: 'secured', sessionTimeoutMs: 10_000 };
    const tls = { caFile: certificate, certFile: null, keyFile: null };
    const sasl = { mechanism: 'plain', username: 'weir', password } as const;
    return createKafka({ ...common, tls, sasl, ...place }, log, 1);
  }

  it('is written to and read from', async () => {
    const kafka = kafkaWith({});
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic: 'secured' }] });
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic: 'secured', messages: [{ value: 'one' }, { value: 'two' }] });
    const consumer = kafka.consumer('secured');
    await consumer.connect();
    await consumer.subscribe({ topics: ['secured'], fromBeginning: true });
    const read: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const eachMessage = async ({ message }: { message: { value: Buffer | null } }) => {
        read.push(String(message.value));
        if (read.length === 2) resolve();
      };
      consumer.run({ eachMessage }).catch(reject);
    });
    assert.deepEqual(read, ['one', 'two']);
    await Promise.all([admin, producer, consumer].map((one) => one.disconnect()));
  });

  it('refuses a wrong password, and no log has the right or the wrong one', async () => {
    const sasl = { mechanism: 'plain', username: 'weir', password: 'wrong-secret' } as const;
    const admin = kafkaWith({ sasl }).admin();
    await assert.rejects(admin.connect(), /[Aa]uthentication failed/);
    await admin.disconnect();
    assert.ok(lines.length > 0);
    assert.ok(!lines.some((line) => line.includes(password) || line.includes('wrong-secret')));
  });

  it('is refused where its certificate is nobody that is trusted', async () => {
    const admin = kafkaWith({ tls: { caFile: null, certFile: null, keyFile: null } }).admin();
    await assert.rejects(admin.connect(), /self-signed certificate/);
    await admin.disconnect();
  });
});
