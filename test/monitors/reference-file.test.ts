import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { captureReference } from '../../src/monitors/capture-reference.js';
import { monitor } from '../../src/monitors/definition.js';
import type { GatheredPeriod } from '../../src/monitors/gather.js';
import type { MonitoredFeature } from '../../src/monitors/monitored-feature.js';
import {
  parseReference,
  readReference,
  referenceText,
  writeReference,
} from '../../src/monitors/reference-file.js';
import { dayMs, startMs } from './simulation.js';

const definition = monitor({ name: 'drift', model: 'ranker' });
const common = { group: 'user', kind: 'stationary', values: 'numeric' } as const;
const features: readonly MonitoredFeature[] = [
  { ...common, name: 'user.clicks_1h', column: 4, row: 0, windowMs: 3_660_000 },
  { ...common, name: 'user.views_24h', column: 5, row: 1, windowMs: dayMs, kind: 'seasonal' },
  { ...common, name: 'user.home', column: 6, row: 2, windowMs: 0, values: 'categorical' },
  { ...common, name: 'user.clicks_30d', column: 7, row: 3, windowMs: 30 * dayMs },
];

function day(index: number, rows: GatheredPeriod['groups'][number]['rows']): GatheredPeriod {
  const periodStartMs = startMs + index * dayMs;
  const place = { periodStartMs, periodEndMs: periodStartMs + dayMs };
  const group = { group: 'user', n: rows?.length ?? 0, referenceId: null, counts: null, rows };
  const none = { sums: [], segments: [], events: [], newestMs: null };
  return {
    ...place,
    groups: [{ ...place, ...group, ...none, observedFromMs: startMs + 3_600_000 }],
  };
}

const days = [
  day(0, [[9, 9, 'x', 9]]),
  day(1, [
    [0, 7, 'b', 1],
    [0, 8, 'a', 2],
  ]),
  day(2, [
    [1, 1, 'b', 1],
    [null, 2, null, 2],
    [2, 2, 'b', 2],
  ]),
];
const options = { modelVersion: '1', createdFrom: 'three days' };
const reference = captureReference(definition, features, days, options);

test('a reference counts each feature over the periods in which its window was wholly observed', () => {
  const [clicks, views, home] = reference.features;
  assert.deepEqual(
    reference.features.map(({ name, n }) => [name, n]),
    [
      ['user.clicks_1h', 5],
      ['user.views_24h', 3],
      ['user.home', 5],
    ],
  );
  // Point bins of 0, 1 and 2, gaps between, then null and not finite.
  assert.deepEqual(clicks?.counts, [0, 2, 0, 1, 0, 1, 0, 1, 0]);
  assert.deepEqual(home?.bins, { kind: 'categorical', values: ['a', 'b'] });
  assert.deepEqual(home?.counts, [1, 3, 0, 1]);
  // The third of January 2024 was a Wednesday.
  assert.deepEqual(
    views?.seasons?.map((slice) => slice.reduce((sum, count) => sum + count, 0)),
    [0, 0, 3, 0, 0, 0, 0],
  );
  assert.equal(clicks?.seasons, null);
});

test('a reference is the same whatever the order of entities, and another with other content', () => {
  const turned = days.map((one) => ({
    ...one,
    groups: one.groups.map((group) => ({ ...group, rows: [...(group.rows ?? [])].reverse() })),
  }));
  assert.deepEqual(captureReference(definition, features, turned, options), reference);
  const fewer = captureReference(definition, features, days.slice(0, 2), options);
  assert.notEqual(fewer.id, reference.id);
  assert.equal(reference.id, `ref-${reference.hash.slice(0, 12)}`);
});

test('a capture without one whole period says so', () => {
  assert.throws(() => captureReference(definition, features, days.slice(0, 1), options), {
    code: 'no-reference',
    message: /expected at least one whole period .*; found 1 periods, none of them/,
  });
});

test('a reference goes to a file and comes back the same', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'weir-reference-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, 'deep', 'ranker.json');
  writeReference(reference, path);
  assert.deepEqual(readReference(path), reference);
  assert.deepEqual(readdirSync(join(dir, 'deep')), ['ranker.json']);
});

test('a missing reference file is told from a broken one', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'weir-reference-'));
  t.after(() => rmSync(dir, { recursive: true }));
  assert.throws(() => readReference(join(dir, 'none.json')), {
    code: 'no-reference',
    message:
      /none.json: expected a reference; found no file; make one with 'weir reference capture'/,
  });
  assert.throws(() => readReference(dir), { code: 'reference-invalid' });
  assert.throws(() => writeReference(reference, join('/dev/null', 'x.json')), {
    code: 'disk-failed',
    message: /expected to write a reference; found .*; make room or choose another place/,
  });
});

test('a hostile reference file is refused with what was expected, what was found and the remedy', () => {
  const text = referenceText(reference);
  type File = Record<string, unknown> & { features: Record<string, unknown>[] };
  const changed = (change: (file: File) => void): string => {
    const file = JSON.parse(text) as File; // what referenceText writes
    change(file);
    return JSON.stringify(file);
  };
  const refused: readonly [string, RegExp][] = [
    ['', /r.json: expected JSON; found /],
    [text.slice(0, 200), /expected JSON; found /],
    ['null', /expected a weir-reference of version 1 or 2; found /],
    ['[]', /expected a weir-reference of version 1 or 2; found /],
    [changed((f) => Object.assign(f, { version: 3 })), /found version: /],
    [changed((f) => Object.assign(f, { from: 'yesterday' })), /found from: /],
    [changed((f) => Object.assign(f, { features: [] })), /found features: /],
    [changed((f) => Object.assign(f, { extra: 1 })), /Unrecognized key: "extra"/],
    [changed((f) => Object.assign(f.features[0]!, { n: 6 })), /add up to n = 6; found 5/],
    [
      changed((f) => Object.assign(f.features[0]!, { counts: [5] })),
      /expected 9 counts .*; found 1/,
    ],
    [
      changed((f) => Object.assign(f.features[0]!, { counts: [-1, 6] })),
      /found features.0.counts.0/,
    ],
    [
      changed((f) => Object.assign(f.features[0]!, { bins: { kind: 'numeric', edges: [2, 1] } })),
      /expected bins of user.clicks_1h that ascend/,
    ],
    [
      changed((f) => Object.assign(f.features[1]!, { seasons: [[0]] })),
      /expected 7 seasons .*found 1/,
    ],
    [
      changed((f) => Object.assign(f.features[1]!, { seasons: new Array(7).fill([0]) })),
      /expected seasons of user.views_24h that add up/,
    ],
    [
      changed((f) => Object.assign(f.features[0]!, { counts: [2, 0, 0, 1, 0, 1, 0, 1, 0] })),
      /expected the content of ref-.*; found content that does not match its hash/,
    ],
    [changed((f) => Object.assign(f, { created_from: 'elsewhere' })), /does not match its hash/],
    [changed((f) => Object.assign(f, { id: 'ref-000000000000' })), /does not match its hash/],
  ];
  for (const [hostile, message] of refused) {
    assert.throws(() => parseReference(hostile, 'r.json'), { code: 'reference-invalid', message });
    assert.throws(() => parseReference(hostile, 'r.json'), {
      message: /capture the reference again with 'weir reference capture'$/,
    });
  }
});
