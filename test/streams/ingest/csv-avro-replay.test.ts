import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import avro from 'avsc';
import { parseInputs } from '../../../src/cli/inputs.js';
import { loadPipeline } from '../../../src/cli/load-pipeline.js';
import { differences, directoryContents } from '../../kills/directory-contents.js';
import { setting } from '../replay-setting.js';

const python = process.env.WEIR_TEST_PYTHON ?? 'python3';
const options =
  spawnSync(python, ['-c', 'import csv']).status === 0 ? {} : { skip: `${python} is not there` };

/** Flattens lines of JSON with Python's own modules: dotted names, lists as JSON. */
const toCsv = `
import csv, json, sys
def flat(record, prefix=''):
    for name, value in record.items():
        if isinstance(value, dict):
            yield from flat(value, prefix + name + '.')
        elif isinstance(value, list):
            yield prefix + name, json.dumps(value)
        elif isinstance(value, bool):
            yield prefix + name, json.dumps(value)
        else:
            yield prefix + name, value
rows = [dict(flat(json.loads(line))) for line in open(sys.argv[1], encoding='utf-8')]
names = list(dict.fromkeys(name for row in rows for name in row))
with open(sys.argv[2], 'w', encoding='utf-8', newline='') as out:
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    writer.writerows(rows)
`;

interface Loose {
  readonly user_id?: unknown;
  readonly timestamp?: unknown;
}

/** Lines that all three formats can say: CSV and Avro have no broken JSON and no lost digits. */
function sayable(line: string): boolean {
  try {
    const { user_id: user, timestamp } = JSON.parse(line) as Loose; // only looked at
    const isKey = user === undefined || Number.isSafeInteger(user);
    return isKey && (!line.includes('event_type') || user !== undefined) && /Z"/.test(line)
      ? typeof timestamp === 'string'
      : false;
  } catch {
    return false;
  }
}

async function toAvro(topic: string, lines: readonly string[], path: string): Promise<void> {
  const schema = JSON.parse(readFileSync(`schemas/${topic}.avsc`, 'utf8')) as avro.Schema;
  const encoder = new avro.streams.BlockEncoder(schema, { codec: 'deflate', blockSize: 20_000 });
  const file = createWriteStream(path);
  encoder.pipe(file);
  for (const line of lines) {
    const record = JSON.parse(line) as { timestamp: string };
    encoder.write({ ...record, timestamp: Date.parse(record.timestamp) });
  }
  encoder.end();
  await once(file, 'finish');
}

const withoutRaw = (path: string): unknown[] =>
  readFileSync(join(path, 'dead-letters.ndjson'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { raw, ...rest } = JSON.parse(line) as Record<string, unknown>;
      assert.equal(typeof raw, 'string');
      return rest;
    });

test('lines of JSON, CSV and Avro of the same records give the same bytes', options, async (t) => {
  const { directory, words, run } = await setting(t, 4_000);
  const places = await loadPipeline('places');
  const formats: Record<'ndjson' | 'csv' | 'avro', string[]> = { ndjson: [], csv: [], avro: [] };
  for (const [i, word] of words.entries()) {
    const [topic, path] = word.split('=') as [string, string];
    const lines = readFileSync(path, 'utf8').split('\n').filter(sayable);
    const [ndjson, csv, avroFile] = ['ndjson', 'csv', 'avro'].map((kind) =>
      join(directory, `${topic}-${i}.${kind}`),
    ) as [string, string, string];
    writeFileSync(ndjson, lines.map((line) => `${line}\n`).join(''));
    const { status, stderr } = spawnSync(python, ['-c', toCsv, ndjson, csv], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    await toAvro(topic, lines, avroFile);
    for (const [kind, file] of [
      ['ndjson', ndjson],
      ['csv', csv],
      ['avro', avroFile],
    ] as const) {
      formats[kind].push(`${topic}=${file}`);
    }
  }
  const outputs = async (kind: keyof typeof formats): Promise<string> => {
    const out = join(directory, `out-${kind}`);
    await run(out, { inputs: parseInputs(formats[kind], places), snapshotEveryMs: 10_000 });
    return out;
  };
  const expected = await outputs('ndjson');
  assert.ok(withoutRaw(expected).length > 10);
  assert.ok(readFileSync(join(expected, 'vectors.ndjson'), 'utf8').length > 1_000_000);
  for (const kind of ['csv', 'avro'] as const) {
    const found = await outputs(kind);
    assert.deepEqual(withoutRaw(found), withoutRaw(expected), kind);
    const differing = differences(directoryContents(expected), directoryContents(found));
    // Raw texts of CSV are in the order of its columns.
    const other = differing.filter((line) => line !== 'dead-letters.ndjson differs');
    assert.deepEqual(other, [], kind);
  }
});
