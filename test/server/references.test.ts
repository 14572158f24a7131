import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { monitor } from '../../src/monitors/definition.js';
import { type ReferenceContent, sealReference } from '../../src/monitors/reference.js';
import { parseReference, referenceText } from '../../src/monitors/reference-file.js';
import { createServer, type Server } from '../../src/server/server.js';
import { createLog } from '../../src/telemetry/log.js';
import { createMetrics } from '../../src/telemetry/metrics.js';
import { smallReference as content } from '../monitors/small-reference.js';
import { type SampleEngine, sampleEngine } from './sample-engine.js';

const dayMs = 86_400_000;
const reference = sealReference(content);
const definition = monitor({ name: 'drift', model: 'ranker' });

let engine: SampleEngine;
let server: Server;

before(async () => {
  engine = sampleEngine();
  const log = createLog({ write: () => undefined });
  server = await createServer({ engine, metrics: createMetrics(), log, port: 0 });
});
beforeEach(() => {
  const switches = [{ fromMs: 2 * dayMs, reference }];
  const own = { definition, modelVersion: '1', reference: null, switches };
  engine.used = { ok: true, references: [own] };
});
after(() => server.close());

interface Answer {
  readonly error?: { readonly code: string; readonly message: string };
  readonly references?: readonly unknown[];
  readonly command?: unknown;
}

async function ask(path: string, body?: unknown) {
  const headers = { 'content-type': 'application/json' };
  const init = body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) };
  const response = await fetch(`${server.url}${path}`, init);
  const answer = (await response.json()) as Answer; // of this server
  return { status: response.status, answer };
}

const inFile = (of: ReferenceContent) => JSON.parse(referenceText(sealReference(of)));

test('what is in use is told, and what is next with the period it counts from', async () => {
  const { answer } = await ask('/api/references');
  const about = {
    id: reference.id,
    hash: reference.hash,
    from: '1970-01-01T00:00:00.000Z',
    to: '1970-01-02T00:00:00.000Z',
  };
  assert.deepEqual(answer.references, [
    {
      monitor: 'drift',
      model: 'ranker',
      model_version: '1',
      reference: null,
      next: [{ ...about, counts_from: '1970-01-03T00:00:00.000Z' }],
    },
  ]);
});

test('a reference of the monitor becomes a command that holds all of it', async () => {
  const { status, answer } = await ask('/api/references/use', {
    who: 'ada',
    reference: inFile(content),
  });
  assert.equal(status, 202);
  assert.equal('reference' in (answer.command as object), false); // its id is enough
  const [command] = engine.said.splice(0);
  assert.ok(command?.kind === 'use-reference');
  assert.deepEqual([command.monitor, command.who], ['drift', 'ada']);
  assert.deepEqual(parseReference(command.reference, 'said'), reference);
});

test('a reference of another monitor, model, version or period is refused with both', async () => {
  const expected = 'expected a reference of monitor drift, model ranker version 1, periods of 24 h';
  const cases: readonly [Partial<ReferenceContent>, number, string][] = [
    [
      { monitor: 'other' },
      404,
      'expected a reference of a monitor that runs here (drift); found one of "other"',
    ],
    [
      { model: 'm' },
      400,
      `${expected}; found one of monitor drift, model m version 1, periods of 24 h`,
    ],
    [
      { modelVersion: '2' },
      400,
      `${expected}; found one of monitor drift, model ranker version 2, periods of 24 h`,
    ],
    [
      { periodMs: dayMs / 24 },
      400,
      `${expected}; found one of monitor drift, model ranker version 1, periods of 1 h`,
    ],
  ];
  for (const [other, status, message] of cases) {
    const body = { who: 'ada', reference: inFile({ ...content, ...other }) };
    const found = await ask('/api/references/use', body);
    assert.deepEqual([found.status, found.answer.error?.message], [status, message]);
  }
  assert.deepEqual(engine.said, []);
});

test('content that is not what its hash says, and a body that is none, are refused', async () => {
  const changed = { ...inFile(content), created_from: 'elsewhere' };
  const found = await ask('/api/references/use', { who: 'ada', reference: changed });
  assert.deepEqual([found.status, found.answer.error?.code], [400, 'bad-reference']);
  assert.match(found.answer.error!.message, /content that does not match its hash/);
  for (const body of [{ reference: inFile(content) }, { who: 'ada' }, null, []]) {
    assert.equal((await ask('/api/references/use', body)).status, 400);
  }
  assert.deepEqual(engine.said, []);
});

test('where the broker cannot be asked the answer is to come again', async () => {
  engine.used = { ok: false, why: 'Kafka cannot be asked now' };
  const body = { who: 'ada', reference: inFile(content) };
  for (const found of [await ask('/api/references'), await ask('/api/references/use', body)]) {
    assert.equal(found.status, 503);
    assert.deepEqual(found.answer.error, { code: 'unavailable', message: engine.used.why });
  }
});
