import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { selection } from '../../src/cli/dead-letters-selection.js';
import { createKafka, type Kafka, type KafkaMessage } from '../../src/sinks/kafka/client.js';
import { createRegistry } from '../../src/sinks/kafka/registry.js';
import { createValueReader, createValueWriter } from '../../src/sinks/kafka/value-format.js';
import { readRanges } from '../../src/streams/cluster/read-range.js';
import { createLog } from '../../src/telemetry/log.js';
import { needs, serverFor } from '../servers.js';
import { scratch, smallWorld, spawnWeir } from './started.js';

const limit = { timeout: 90_000 };
const main = fileURLToPath(new URL('../../src/main.js', import.meta.url));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function weir(...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, 'dead-letters', ...args], (error, out, err) => {
      resolve({ code: Number(error?.code ?? 0), out, err });
    });
  });
}

function letter(topic: string, partition: number, offset: number, reason: string, raw: string) {
  return { topic, partition, offset, reason, detail: `because ${reason}`, raw };
}

interface Topics {
  readonly kafka: Kafka;
  /** Of the settings. */
  readonly config: string;
  readonly source: string;
  readonly letters: string;
  send(topic: string, messages: readonly object[]): Promise<void>;
  read(topic: string): Promise<KafkaMessage[]>;
}

/** Topics of this test's own; the source `interactions` has one partition. */
async function topics(t: TestContext, format: 'json' | 'avro'): Promise<Topics> {
  const own = `letters-${process.pid}-${Date.now()}`;
  const brokers = [serverFor('kafka')!];
  const place = { brokers, clientId: 'test', tls: null, sasl: null, sessionTimeoutMs: 10_000 };
  const kafka = createKafka(place, createLog({ level: 'error' }));
  const admin = kafka.admin();
  const producer = kafka.producer();
  await Promise.all([admin.connect(), producer.connect()]);
  const [source, letters] = [`${own}-source`, `${own}-letters`];
  await admin.createTopics({
    waitForLeaders: true,
    topics: [source, letters].map((topic) => ({ topic, numPartitions: 1 })),
  });
  t.after(async () => {
    const all = (await admin.listTopics()).filter((name) => name.startsWith(own));
    await admin.deleteTopics({ topics: all });
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  });
  const config = join(scratch(), 'weir.config.yaml');
  const settings = {
    kafka: {
      brokers,
      prefix: `${own}.`,
      topics: { interactions: { name: source, format } },
      outputs: { 'dead-letters': { name: letters } },
    },
    ...(format === 'avro' ? { registry: { url: serverFor('registry')! } } : {}),
  };
  writeFileSync(config, JSON.stringify(settings));
  return {
    kafka,
    config,
    source,
    letters,
    send: async (topic, messages) => {
      // Keys, values and headers as the tests write them.
      await producer.send({ topic, messages: messages as { value: Buffer | string }[] });
    },
    read: async (topic) => {
      const [offsets] = await admin.fetchTopicOffsets(topic);
      const to = Number(offsets!.high);
      const found: KafkaMessage[] = [];
      const range = { topic, partition: 0, from: 0, to };
      await readRanges(kafka, [range], (_, message) => found.push(message));
      return found;
    },
  };
}

function shown({ key, value, headers }: KafkaMessage) {
  const texts = Object.entries(headers ?? {}).map(([name, text]) => [name, String(text)]);
  return { key: key?.toString() ?? null, value: value?.toString(), ...Object.fromEntries(texts) };
}

test('records go back to their topic as they were, once each', {
  ...limit,
  ...needs('kafka'),
}, async (t) => {
  const { config, source, letters, send, read } = await topics(t, 'json');
  await send(source, [
    { key: 'a', value: 'not JSON', headers: { trace: '7' } },
    { key: 'b', value: '{"fine":1}' },
    { key: 'c', value: '{"late":1}' },
  ]);
  const dead = [
    letter('interactions', 0, 2, 'late', '{"late":1}'),
    letter('interactions', 0, 0, 'invalid', 'not JSON'),
    letter('interactions', 0, 2, 'late', '{"late":1}'), // at least once
    letter('interactions', 0, 90, 'invalid', 'gone from the topic'),
    letter('interactions', 0, 1, 'invalid', 'of a topic made anew'),
  ];
  await send(letters, [...dead.map((one) => ({ value: JSON.stringify(one) })), { value: 'other' }]);

  const list = await weir('list', '--config', config, '--json');
  assert.equal(list.err, '');
  const listed = JSON.parse(list.out);
  assert.deepEqual(listed.counts, [
    { topic: 'interactions', reason: 'late', count: 1 },
    { topic: 'interactions', reason: 'invalid', count: 3 },
  ]);
  assert.deepEqual([listed.unreadable, listed.letters.length], [1, 4]);
  assert.match(
    (await weir('list', '--config', config, '--reason', 'late')).out,
    /^\d{4}-\S+Z {2}interactions\/0\/2 {2}late: because late\ninteractions: 1 late\n/,
  );

  const dry = await weir('replay', '--config', config, '--dry-run');
  assert.equal(dry.err, '4 records would be replayed\n');
  assert.equal((await read(source)).length, 3);

  const late = await weir('replay', '--config', config, '--reason', 'late');
  assert.equal(late.err, '1 records were replayed\n');
  const rest = await weir('replay', '--config', config);
  assert.equal(
    rest.err,
    '3 records were replayed\n1 were replayed before (--again replays them too)\n',
  );
  const none = await weir('replay', '--config', config);
  assert.match(none.err, /^0 records were replayed\n4 were replayed before/);
  const records = (await read(source)).slice(3).map(shown);
  const of = (offset: number) => ({ 'x-weir-replay-of': `${source}/0/${offset}` });
  assert.deepEqual(records, [
    { key: 'c', value: '{"late":1}', ...of(2) },
    { key: 'a', value: 'not JSON', trace: '7', ...of(0) },
    { key: null, value: 'of a topic made anew', ...of(1) },
    { key: null, value: 'gone from the topic', ...of(90) },
  ]);
  const range = ['--topic', 'interactions', '--from', '0', '--to', '1'];
  const again = await weir('replay', '--config', config, '--again', ...range);
  assert.equal(again.err, '1 records were replayed\n');
  assert.equal((await read(source)).length, 8);
});

test('two replays at once write a record once', { ...limit, ...needs('kafka') }, async (t) => {
  const { config, source, letters, send, read } = await topics(t, 'json');
  const count = 1_200; // several transactions
  await send(
    source,
    Array.from({ length: count }, (_, i) => ({ key: `${i}`, value: `${i}` })),
  );
  const dead = Array.from({ length: count }, (_, i) =>
    letter('interactions', 0, i, 'invalid', `${i}`),
  );
  await send(
    letters,
    dead.map((one) => ({ value: JSON.stringify(one) })),
  );
  // One may lose its transaction to the other: then it says so, and a further run has the rest.
  const both = await Promise.all([1, 2].map(() => weir('replay', '--config', config)));
  for (const { code, err } of both) assert(code === 0 || /run it again/.test(err), err);
  await weir('replay', '--config', config);
  const values = (await read(source)).map((message) => String(message.value)).slice(count);
  assert.deepEqual([values.length, new Set(values).size], [count, count]);
});

test('a record in Avro goes back with its bytes', {
  ...limit,
  ...needs('kafka', 'registry'),
}, async (t) => {
  const { config, source, letters, send, read } = await topics(t, 'avro');
  const registry = createRegistry(
    { url: serverFor('registry')!, username: null, password: null },
    createLog({ level: 'error' }),
  );
  t.after(() => registry.close());
  const schema = { type: 'record', name: 'Click', fields: [{ name: 'user_id', type: 'long' }] };
  const write = await createValueWriter('avro', registry, `${source}-value`, schema);
  const values = [write({ user_id: 7 }), Buffer.from('no Avro')];
  const { texts } = await createValueReader('avro', registry).readAll(values);
  await send(
    source,
    values.map((value) => ({ key: 'k', value })),
  );
  const dead = [
    ...texts.map((raw, offset) => letter('interactions', 0, offset, 'invalid', raw)),
    letter('interactions', 0, 50, 'invalid', '{"user_id":7}'),
  ];
  await send(
    letters,
    dead.map((one) => ({ value: JSON.stringify(one) })),
  );
  const { err } = await weir('replay', '--config', config);
  assert.equal(
    err,
    '2 records were replayed\n1 are no longer in their topics, and their bytes are not known: interactions/0/50\n',
  );
  const records = (await read(source)).slice(2);
  assert.deepEqual(
    records.map(({ value }) => value?.toString('hex')),
    values.map((value) => value.toString('hex')),
  );
});

test(
  'without Kafka a file is listed, printed, and posted to a running engine once',
  limit,
  async () => {
    const data = join(scratch(), 'data');
    const engine = spawnWeir(smallWorld(data), ['run']);
    const { message } = await engine.line(/^open http/);
    const url = /http:\S+\d/.exec(message)![0];
    const record = {
      user_id: 1,
      place_id: 2,
      event_type: 'view',
      timestamp: new Date().toISOString(),
      context: {},
    };
    const file = join(scratch(), 'dead-letters.ndjson');
    const dead = [
      letter('interactions', 0, 4, 'future', JSON.stringify(record)),
      letter('interactions', 0, 5, 'invalid', 'base64:AAE='),
      letter('place-updates', 0, 9, 'late', '{}'),
    ];
    writeFileSync(file, dead.map((one) => `${JSON.stringify(one)}\n`).join(''));
    const list = await weir('list', '--file', file, '--topic', 'place-updates');
    assert.equal(list.out, 'place-updates/0/9  late: because late\nplace-updates: 1 late\n');
    const several = await weir('replay', '--file', file);
    assert.deepEqual([several.code, several.out], [2, '']);
    assert.match(
      several.err,
      /--topic: expected one of interactions, place-updates to print, or --post/,
    );
    const printed = await weir('replay', '--file', file, '--topic', 'interactions');
    assert.equal(printed.out, `${JSON.stringify(record)}\n`);
    const posted = await weir('replay', '--file', file, '--topic', 'interactions', '--post', url);
    assert.equal(
      posted.err,
      '1 records were replayed\n1 were no text, so that they cannot be lines\n',
    );
    const again = await weir('replay', '--file', file, '--reason', 'future', '--post', url);
    assert.match(again.err, /^0 records were replayed\n1 were replayed before/);
    await engine.end('SIGTERM');
    const gone = await weir(
      'replay',
      '--file',
      file,
      '--again',
      '--reason',
      'future',
      '--post',
      url,
    );
    assert.equal(gone.code, 1);
    assert.match(
      gone.err,
      /expected \S+\/events\/interactions to take records, found: .*ECONNREFUSED/,
    );
  },
);

test('wrong use is told with its remedy', limit, async () => {
  const config = join(scratch(), 'weir.config.yaml');
  writeFileSync(config, '{}');
  const embedded = await weir('list', '--config', config);
  assert.deepEqual([embedded.code, embedded.out], [2, '']);
  assert.match(embedded.err, /expected kafka.brokers in the settings, or --file/);
  const absent = await weir('list', '--file', join(scratch(), 'absent'));
  assert.match(absent.err, /expected dead letters in \S+, found no file/);
  assert.match(
    (await weir('replay', '--post', 'http://127.0.0.1:1')).err,
    /--post: expected --file beside it/,
  );
});

test('a bound is an offset of a topic or a time of writing', () => {
  const at = { ...letter('t', 0, 5, 'late', ''), timeMs: Date.parse('2026-01-02T00:00:00Z') };
  const chosen = (options: Parameters<typeof selection>[0]): boolean => selection(options)(at);
  assert.deepEqual(
    [
      chosen({ topic: 't', from: '5' }),
      chosen({ topic: 't', to: '5' }),
      chosen({ from: '2026-01-02T00:00:00Z' }),
      chosen({ to: '2026-01-02T00:00:00Z' }),
      chosen({ topic: 'u' }),
      chosen({ reason: 'late' }),
    ],
    [true, false, true, false, false, true],
  );
  assert.throws(() => selection({ from: '5' }), /an offset is one of a topic; give --topic/);
  assert.throws(() => selection({ from: 'yesterday' }), /--from: .*give an offset, or a time/);
});
