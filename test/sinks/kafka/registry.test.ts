import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import avro from 'avsc';
import { WeirError } from '../../../src/errors.js';
import { createRegistry, type Registry } from '../../../src/sinks/kafka/registry.js';
import { createValueReader, createValueWriter } from '../../../src/sinks/kafka/value-format.js';
import { createLog } from '../../../src/telemetry/log.js';
import { needs, serverFor } from '../../servers.js';

const options = needs('registry');
const url = serverFor('registry') ?? '';
const quiet = createLog({ write: () => {} });
const ownSubject = (): string => `formats-${randomBytes(5).toString('hex')}-value`;

function registryAt(t: TestContext, place = {}, log = quiet): Registry {
  const registry = createRegistry({ url, username: null, password: null, ...place }, log);
  t.after(() => registry.close());
  return registry;
}

const schema = {
  type: 'record',
  name: 'Reading',
  namespace: 'formats',
  fields: [
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' } },
    { name: 'price', type: { type: 'bytes', logicalType: 'decimal', precision: 6, scale: 2 } },
    { name: 'note', type: ['null', 'string'], default: null },
  ],
} as const;
const field = (name: string, type: unknown, rest = {}) => ({ name, type, ...rest });
const withField = (one: object) => ({ ...schema, fields: [...schema.fields, one] });

async function ask(path: string, method = 'GET', body?: unknown): Promise<unknown> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return answer.json();
}

async function failure(promise: Promise<unknown>): Promise<WeirError> {
  const error = await promise.then(
    () => assert.fail('expected a failure'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof WeirError, String(error));
  return error;
}

test('what another client registered is read with its logical types', options, async (t) => {
  const subject = ownSubject();
  const { id } = (await ask(`/subjects/${subject}/versions`, 'POST', {
    schema: JSON.stringify(schema),
  })) as { id: number };
  const type = avro.Type.forSchema(schema as unknown as avro.Schema);
  const head = Buffer.from([0, 0, 0, 0, 0]);
  head.writeUInt32BE(id, 1);
  const body = { at: 1_700_000_000_123_456, price: Buffer.from([4, 0xd2]), note: 'é' };
  const reader = createValueReader('avro', registryAt(t));
  const { texts, faults } = await reader.readAll([Buffer.concat([head, type.toBuffer(body)])]);
  assert.equal(faults, null);
  assert.deepEqual(texts, ['{"at":"2023-11-14T22:13:20.123Z","price":12.34,"note":"é"}']);
});

test('a schema made of others is read whole', options, async (t) => {
  const [inner, outer] = [ownSubject(), ownSubject()];
  const place = { type: 'record', name: 'Place', namespace: 'x', fields: [field('id', 'int')] };
  await ask(`/subjects/${inner}/versions`, 'POST', { schema: JSON.stringify(place) });
  const visit = { type: 'record', name: 'Visit', namespace: 'y', fields: [field('to', 'x.Place')] };
  const { id } = (await ask(`/subjects/${outer}/versions`, 'POST', {
    schema: JSON.stringify(visit),
    references: [{ name: 'x.Place', subject: inner, version: 1 }],
  })) as { id: number };
  const value = Buffer.from([0, 0, 0, 0, 0, 14]);
  value.writeUInt32BE(id, 1);
  const { texts } = await createValueReader('avro', registryAt(t)).readAll([value]);
  assert.deepEqual(texts, ['{"to":{"id":7}}']);
});

test('an id that the registry does not have makes the record invalid', options, async (t) => {
  const value = Buffer.from([0, 0x7f, 0xff, 0xff, 0xf0, 2]);
  const { texts, faults } = await createValueReader('avro', registryAt(t)).readAll([value]);
  assert.equal(faults?.get(0), 'the registry has no schema 2147483632');
  assert.equal(texts[0], `base64:${value.toString('base64')}`);
});

test(
  'a schema is registered once, and grows in a way that its readers follow',
  options,
  async (t) => {
    const subject = ownSubject();
    const registry = registryAt(t);
    const id = await registry.register(subject, schema);
    assert.equal(await registry.register(subject, schema), id);
    assert.deepEqual(await ask(`/subjects/${subject}/versions`), [1]);
    const found = (await ask(`/schemas/ids/${id}`)) as { schema: string };
    assert.deepEqual(JSON.parse(found.schema), schema);
    const wider = withField(field('n', 'int', { default: 0 }));
    assert.notEqual(await registry.register(subject, wider), id);
  },
);

test(
  'the level that a subject demands is kept, also where it is not the usual',
  options,
  async (t) => {
    const subject = ownSubject();
    const registry = registryAt(t);
    await registry.register(subject, schema);
    await ask(`/config/${subject}`, 'PUT', { compatibility: 'FULL' });
    await registry.register(subject, withField(field('n', 'int', { default: 0 })));
    const { compatibilityLevel } = (await ask(`/config/${subject}`)) as Record<string, string>;
    assert.equal(compatibilityLevel, 'FULL');
  },
);

test('a schema that does not fit is refused with what differs', options, async (t) => {
  const subject = ownSubject();
  const registry = registryAt(t);
  await registry.register(subject, schema);
  const error = await failure(registry.register(subject, withField(field('extra', 'int'))));
  assert.equal(error.code, 'schema-incompatible');
  assert.match(
    error.message,
    new RegExp(`^subject ${subject}: expected .* goes with what is there`),
  );
  assert.match(error.message, /cannot be read with it: .*extra/);
});

test('a written record is read again, by id', options, async (t) => {
  const registry = registryAt(t);
  const write = await createValueWriter('avro', registry, ownSubject(), schema);
  const value = write({ at: 0, price: Buffer.from([1]), note: null });
  const { texts } = await createValueReader('avro', registryAt(t)).readAll([value]);
  assert.deepEqual(texts, ['{"at":"1970-01-01T00:00:00.000Z","price":0.01}']);
});

/** A server before the registry, which may refuse to hand on. */
async function before(
  t: TestContext,
  refuse: (asked: IncomingMessage, answer: ServerResponse) => boolean,
): Promise<string> {
  const target = new URL(url);
  const server = createServer((asked, answer) => {
    if (refuse(asked, answer)) return;
    const { method, headers, url: path } = asked;
    const onward = request({ port: target.port, method, headers, path }, (found) => {
      answer.writeHead(found.statusCode ?? 500, found.headers);
      found.pipe(answer);
    });
    asked.pipe(onward);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${target.pathname}`;
}

test('reading waits for a registry that is down, or is not one', options, async (t) => {
  const subject = ownSubject();
  const id = await registryAt(t).register(subject, schema);
  let refusals = 0;
  const place = await before(t, (asked, answer) => {
    if (refusals === 4) return false;
    refusals++;
    if (refusals === 1) asked.socket.destroy();
    else if (refusals === 2) answer.writeHead(503, { 'content-type': 'text/html' }).end('<p>');
    else {
      const body = JSON.stringify({ error_code: 404, message: 'HTTP 404 Not Found' });
      answer.writeHead(404, { 'content-type': 'application/json' }).end(body);
    }
    return true;
  });
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line) });
  const found = await registryAt(t, { url: place }, log).schemaOf(id);
  assert.equal(found.ok, true);
  assert.equal(refusals, 4);
  assert.equal(lines.length, 2);
  assert.match(lines[0] ?? '', /waiting for the schema registry at http:\/\/127.0.0.1/);
});

test('starting with a registry that does not answer fails after some tries', async (t) => {
  const registry = registryAt(t, { url: 'http://127.0.0.1:1/path/' });
  const error = await failure(registry.register('x-value', schema));
  assert.equal(error.code, 'registry-failed');
  assert.match(
    error.message,
    /^subject x-value: .*http:\/\/127.0.0.1:1\/path, found: .*ECONNREFUSED/,
  );
});

test('credentials are sent, and stand in no message', options, async (t) => {
  const seen: (string | undefined)[] = [];
  const place = await before(t, (asked, answer) => {
    seen.push(asked.headers.authorization);
    const body = JSON.stringify({ error_code: 40101, message: 'Unauthorized' });
    answer.writeHead(401, { 'content-type': 'application/json' }).end(body);
    return true;
  });
  const registry = registryAt(t, { url: place, username: 'weir', password: 's3cret' });
  const error = await failure(registry.register('x-value', schema));
  assert.equal(error.code, 'registry-failed');
  assert.match(error.message, /Unauthorized/);
  assert.ok(!error.message.includes('s3cret'));
  assert.deepEqual(seen, [`Basic ${Buffer.from('weir:s3cret').toString('base64')}`]);
});

test('what waits for the registry ends when it is closed', async (t) => {
  const registry = registryAt(t, { url: 'http://127.0.0.1:1' });
  const waiting = failure(registry.schemaOf(1));
  registry.close();
  assert.equal((await waiting).code, 'registry-failed');
});
