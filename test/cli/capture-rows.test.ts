import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { referenceCommand } from '../../src/cli/reference.js';
import { readReference } from '../../src/monitors/reference-file.js';

const directory = mkdtempSync(join(tmpdir(), 'weir-rows-'));
after(() => rmSync(directory, { recursive: true }));
const at = (name: string) => join(directory, name);

async function capture(rows: string, out: string, ...words: string[]) {
  const { log, error } = console;
  const said: string[] = [];
  console.log = () => undefined;
  console.error = (line: string) => said.push(line);
  try {
    const all = ['capture', '--pipeline', 'places', '--rows', at(rows), '--out', at(out), ...words];
    await referenceCommand().parseAsync(all, { from: 'user' });
  } finally {
    Object.assign(console, { log, error });
  }
  return { reference: readReference(at(out)), said };
}

// 400 users on two days, every second one twice a day; three devices.
const devices = ['mobile', 'desktop', 'tablet'];
const rows = [0, 1].flatMap((day) =>
  Array.from({ length: 600 }, (_, i) => {
    const key = i < 400 ? i : 2 * (i - 400);
    const time = new Date(Date.UTC(2026, 2, 1 + day, 3) + i * 60_000).toISOString();
    return { key, time, device: i < 400 ? devices[key % 3] : 'tablet', distance: key / 4 };
  }),
);

writeFileSync(
  at('rows.csv'),
  `key,time,device,distance_km,other\n${rows
    .map(({ key, time, device, distance }) => `${key},${time},${device},${distance},x\n`)
    .join('')}`,
);
writeFileSync(
  at('scores.ndjson'),
  rows
    .map(({ key, time, device, distance }) => {
      return `${JSON.stringify({ key, time, inputs: { device, distance_km: distance } })}\n`;
    })
    .join(''),
);

test('rows give a reference of the features they hold, an entity once a period', async () => {
  const { reference, said } = await capture('rows.csv', 'csv.json', '--key', 'key');
  assert.deepEqual(
    reference.features.map(({ name, n }) => [name, n]),
    [
      ['distance_km', 800],
      ['device', 800],
    ],
  );
  const device = reference.features[1]!;
  // 134, 133 and 133 of 400 users, on two days; nulls and unseen values beside.
  assert.deepEqual(device.bins, { kind: 'categorical', values: ['desktop', 'mobile', 'tablet'] });
  assert.deepEqual(device.counts, [266, 268, 266, 0, 0]);
  assert.deepEqual(
    [reference.monitor, reference.modelVersion, reference.createdFrom],
    ['places-drift', '1', 'rows of rows.csv'],
  );
  assert.deepEqual(
    [reference.fromMs, reference.toMs],
    [Date.UTC(2026, 2, 1), Date.UTC(2026, 2, 3)],
  );
  assert.deepEqual(said, ['400 rows have no time or key, or are not the first of their entity']);
});

test('scores as an engine writes them hold the same, and the same rows give the same bytes', async () => {
  const { reference: csv } = await capture('rows.csv', 'csv.json', '--key', 'key');
  const { reference } = await capture('scores.ndjson', 'scores.json', '--key', 'key');
  assert.deepEqual(reference.features, csv.features);
  await capture('scores.ndjson', 'again.json', '--key', 'key');
  assert.deepEqual(readFileSync(at('again.json')), readFileSync(at('scores.json')));
});

test('a column that comes late in lines of JSON is null before', async () => {
  const line = (i: number, more: object) =>
    `${JSON.stringify({ time: Date.UTC(2026, 2, 1) + i * 1_000, ...more })}\n`;
  const early = Array.from({ length: 2_000 }, (_, i) => line(i, { device: 'mobile' }));
  const late = Array.from({ length: 500 }, (_, i) => line(i, { distance_km: i, device: 'tv' }));
  writeFileSync(at('late.ndjson'), [...early, ...late].join(''));
  const { reference } = await capture('late.ndjson', 'late.json');
  const [distance, device] = reference.features;
  assert.deepEqual([distance!.name, device!.name], ['distance_km', 'device']);
  assert.deepEqual(device!.counts.slice(0, 2), [2_000, 500]);
  assert.equal(distance!.counts.at(-2), 2_000); // nulls: before what is not finite
  assert.equal(distance!.n, 2_500);
});

test('without a key every row counts', async () => {
  const { reference, said } = await capture('rows.csv', 'all.json');
  assert.deepEqual(
    reference.features.map(({ n }) => n),
    [1_200, 1_200],
  );
  assert.deepEqual(said, []);
});

test('a row without a key is left out, and entities that cannot be told apart are refused', async () => {
  const line = (key: string) => `${key},2026-03-01T00:00:00Z,mobile\n`;
  const keys = ['a', '', 'b', '', 'a'];
  writeFileSync(at('keys.csv'), `user,time,device\n${keys.map(line).join('')}`);
  const { reference, said } = await capture('keys.csv', 'keys.json', '--key', 'user');
  assert.equal(reference.features[0]!.n, 2);
  assert.deepEqual(said, ['3 rows have no time or key, or are not the first of their entity']);
  const many = Array.from({ length: 100_001 }, (_, i) => line(`u${i}`));
  writeFileSync(at('many.csv'), `user,time,device\n${many.join('')}`);
  await assert.rejects(capture('many.csv', 'none.json', '--key', 'user'), {
    code: 'wrong-use',
    message: /expected at most 100000 different texts in user.*found more; give a sample/,
  });
  await assert.rejects(capture('keys.csv', 'none.json', '--key', 'customer'), {
    code: 'wrong-use',
    message: /expected the column customer; found none of that name/,
  });
});

test('rows without features or times, and options of another source, are refused', async () => {
  writeFileSync(at('none.csv'), 'time,a\n2026-03-01T00:00:00Z,1\n');
  await assert.rejects(capture('none.csv', 'none.json'), {
    code: 'no-reference',
    message: /expected rows with time and features of places-drift such as user\.views_1h, /,
  });
  await assert.rejects(capture('rows.csv', 'none.json', '--time', 'when'), {
    code: 'no-reference',
    message: /found no row with a time/,
  });
  await assert.rejects(capture('rows.csv', 'none.json', '--periods', '2'), {
    code: 'wrong-use',
    message: 'expected no --periods with --rows; leave it out',
  });
});
