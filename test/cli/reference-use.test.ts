import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { referenceCommand } from '../../src/cli/reference.js';
import { monitor } from '../../src/monitors/definition.js';
import { windowOf } from '../../src/monitors/emission.js';
import { sealReference } from '../../src/monitors/reference.js';
import { parseReference, writeReference } from '../../src/monitors/reference-file.js';
import { createServer, type Server } from '../../src/server/server.js';
import { createLog } from '../../src/telemetry/log.js';
import { createMetrics } from '../../src/telemetry/metrics.js';
import { smallReference as content } from '../monitors/small-reference.js';
import { type SampleEngine, sampleEngine } from '../server/sample-engine.js';

const directory = mkdtempSync(join(tmpdir(), 'weir-use-'));
const reference = sealReference(content);
const file = join(directory, 'a.reference.json');
const other = join(directory, 'b.reference.json');

let engine: SampleEngine;
let server: Server;

before(async () => {
  writeReference(reference, file);
  writeReference(sealReference({ ...content, modelVersion: '2' }), other);
  engine = sampleEngine();
  const definition = monitor({ name: 'drift', model: 'ranker' });
  const own = { definition, modelVersion: '1', reference: null, switches: [] };
  engine.used = { ok: true, references: [own] };
  const log = createLog({ write: () => undefined });
  server = await createServer({ engine, metrics: createMetrics(), log, port: 0 });
});
after(async () => {
  await server.close();
  rmSync(directory, { recursive: true });
});

/** Runs the command; answers what it printed. */
async function use(...words: string[]): Promise<string> {
  return told('use', ...words, '--who', 'ada');
}

async function told(...words: string[]): Promise<string> {
  const printed: string[] = [];
  const log = console.log;
  console.log = (line: string) => printed.push(line);
  try {
    await referenceCommand().parseAsync([...words, '--engine', server.url], { from: 'user' });
  } finally {
    console.log = log;
  }
  return printed.join('\n');
}

test('a file, or an id in a directory, is said whole and answered with what comes of it', async () => {
  const taken = `taken: drift is held against ${reference.id} from its next period on`;
  assert.equal(await use(file), taken);
  assert.equal(await use(reference.id, '--directory', directory), taken);
  const said = engine.said.splice(0);
  assert.equal(said.length, 2);
  for (const command of said) {
    assert.ok(command.kind === 'use-reference');
    assert.deepEqual([command.monitor, command.who], ['drift', 'ada']);
    assert.deepEqual(parseReference(command.reference, 'said'), reference);
  }
});

test('what is in use and what is next is told, and that there is none', async () => {
  const was = engine.used;
  assert.equal(await told('used'), 'drift  ranker 1  none: weir reference capture');
  const definition = monitor({ name: 'drift', model: 'ranker' });
  const window = { ...windowOf(reference), fromMs: 0, toMs: Date.UTC(1970, 0, 2) };
  const next = { fromMs: Date.UTC(1970, 0, 5), reference: { ...window, id: 'ref-next' } };
  const own = { definition, modelVersion: '1', reference: window, switches: [next] };
  engine.used = { ok: true, references: [own] };
  const range = '1970-01-01T00:00:00.000Z to 1970-01-02T00:00:00.000Z';
  assert.equal(
    await told('used'),
    `drift  ranker 1  ${reference.id}  ${range}\n  from 1970-01-05T00:00:00.000Z  ref-next  ${range}`,
  );
  engine.used = was;
});

test('what the engine refuses is refused in its words', async () => {
  await assert.rejects(use(other), {
    code: 'wrong-use',
    message:
      'expected a reference of monitor drift, model ranker version 1, periods of 24 h; found one of monitor drift, model ranker version 2, periods of 24 h',
  });
  assert.deepEqual(engine.said, []);
});

test('an id that is not in the directory is refused with those that are', async () => {
  await assert.rejects(use('ref-0', '--directory', directory), {
    code: 'wrong-use',
    message: new RegExp(`the id of a reference in .* \\(${reference.id}, ref-.*\\); found 'ref-0'`),
  });
  await assert.rejects(use(join(directory, 'none.json')), { code: 'no-reference' });
});

test('a capture takes one source, and no option of the other', async () => {
  const capture = (...words: string[]) =>
    referenceCommand().parseAsync(['capture', '--pipeline', 'places', '--out', file, ...words], {
      from: 'user',
    });
  const url = ['--from-clickhouse', 'http://127.0.0.1:1'];
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /expected one of --input, --from-clickhouse and --rows; found neither/],
    [[...url, '--input', 'a=b'], /--rows; found --input and --from-clickhouse/],
    [[...url, '--periods', '3'], /expected no --periods with --from-clickhouse/],
    [['--input', 'a=b', '--to', '2026-01-01T00:00Z'], /expected no --to with --input/],
    [[...url, '--config', 'w.yaml'], /expected no --config with --from-clickhouse URL; leave it/],
    [
      ['--from-clickhouse', '--database', 'x'],
      /expected no --database with --from-click.* without/,
    ],
    [[...url, '--from', '2026-01-01T00:00Z'], /expected --from and --to .*; --to is missing/],
  ];
  for (const [words, message] of cases) {
    await assert.rejects(capture(...words), { code: 'wrong-use', message });
  }
});
