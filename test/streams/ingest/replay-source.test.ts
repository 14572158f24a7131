import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { WeirError } from '../../../src/errors.js';
import { key } from '../../../src/features/fields.js';
import type { TopicDefinition } from '../../../src/features/source.js';
import { type Batch, verdicts } from '../../../src/records/batch.js';
import { type IngestPosition, positionAfter } from '../../../src/streams/ingest/batch-builder.js';
import { type ReplayInput, ReplaySource } from '../../../src/streams/ingest/replay-source.js';

const directory = mkdtempSync(join(tmpdir(), 'weir-replay-'));
after(() => rmSync(directory, { recursive: true }));

const minute = 60_000;
const start = Date.UTC(2024, 0, 15);
const nowMs = start + 600 * minute;
const shape = { time: 'time', fields: { id: key() }, rules: [], objects: [], key: 'id' };
/** Not in the order of their names, so that the order of ties is seen to come from the names. */
const topics: readonly TopicDefinition[] = [
  { kind: 'source', topic: 'visits', ...shape },
  { kind: 'table', topic: 'zones', ...shape },
  { kind: 'source', topic: 'orders', ...shape },
  { kind: 'table', topic: 'prices', ...shape },
];

interface File {
  readonly topicIndex: number;
  readonly partition: number;
  /** Minutes after the start, or another line. */
  readonly lines: readonly (number | string)[];
}

const textOf = (line: number | string): string =>
  typeof line === 'string' ? line : `{"id":1,"time":${start + line * minute}}`;

let runs = 0;
function write(files: readonly File[]): readonly ReplayInput[] {
  const run = runs++;
  return files.map(({ topicIndex, partition, lines }, i) => {
    const path = join(directory, `${run}-${i}`);
    const content = lines.map((line) => `${textOf(line)}\n`).join('');
    writeFileSync(path, i % 2 === 0 ? content : gzipSync(content));
    return { topicIndex, partition, path };
  });
}

interface Sequence {
  /** Topic, partition, offset, verdict. */
  readonly records: readonly string[];
  /** Record before which it applies, topic, minutes after the start. */
  readonly ticks: readonly string[];
  readonly batches: readonly Batch[];
}

async function replay(
  inputs: readonly ReplayInput[],
  batchRecords: number,
  from?: IngestPosition,
): Promise<Sequence> {
  const source = new ReplaySource(topics, inputs, {
    nowMs,
    settings: { batchRecords },
    ...(from === undefined ? {} : { from }),
  });
  const batches: Batch[] = [];
  for (let batch = await source.next(); batch !== null; batch = await source.next()) {
    batches.push(batch);
  }
  await source.close();
  const records = batches.flatMap((batch) =>
    Array.from({ length: batch.count }, (_, i) => {
      const { topic } = topics[batch.topics[i] ?? 0] ?? { topic: '' };
      return `${topic}/${batch.partitions[i]}/${batch.offsets[i]} ${verdicts[batch.verdicts[i] ?? 0]}`;
    }),
  );
  const ticks = batches.flatMap((batch) =>
    batch.ticks.map(
      ({ index, topic, watermarkMs }) =>
        `${batch.first + index} ${topic} ${(watermarkMs - start) / minute}`,
    ),
  );
  return { records, ticks, batches };
}

test('files are merged by running maximum, tables before events, then topic and partition', async () => {
  const inputs = write([
    { topicIndex: 0, partition: 1, lines: [1, 3] },
    { topicIndex: 0, partition: 0, lines: [1, 5, 2, 4, 6] },
    { topicIndex: 2, partition: 0, lines: [1, 5] },
    { topicIndex: 1, partition: 0, lines: [1, 'broken', 7] },
    { topicIndex: 3, partition: 0, lines: ['broken', 1] },
  ]);
  const { records } = await replay(inputs, 512);
  assert.deepEqual(records, [
    'prices/0/0 invalid',
    'prices/0/1 used',
    'zones/0/0 used',
    'zones/0/1 invalid',
    'orders/0/0 used',
    'visits/0/0 used',
    'visits/1/0 used',
    'visits/1/1 used',
    'orders/0/1 used',
    'visits/0/1 used',
    'visits/0/2 used',
    'visits/0/3 used',
    'visits/0/4 used',
    'zones/0/2 used',
  ]);
});

test('late and future records stay where they stand in their file and move nothing', async () => {
  const inputs = write([
    { topicIndex: 0, partition: 0, lines: [100, 606, 39, 100] },
    { topicIndex: 2, partition: 0, lines: [101] },
  ]);
  const { records, ticks } = await replay(inputs, 512);
  assert.deepEqual(records, [
    'visits/0/0 used',
    'visits/0/1 future',
    'visits/0/2 late',
    'visits/0/3 used',
    'orders/0/0 used',
  ]);
  assert.deepEqual(ticks, ['1 visits 99', '5 orders 100']);
});

test('an ended file no longer holds the watermark, at once', async () => {
  const inputs = write([
    { topicIndex: 0, partition: 0, lines: [1, 5, '', ' '] },
    { topicIndex: 0, partition: 1, lines: [3, 4, 9, 12] },
    { topicIndex: 0, partition: 2, lines: [] },
  ]);
  for (const size of [1, 2, 512]) {
    const { ticks, batches } = await replay(inputs, size);
    assert.deepEqual(ticks, ['2 visits 0', '4 visits 3', '5 visits 8', '6 visits 11']);
    assert.deepEqual(
      batches.at(-1)?.cursors.map(({ offset, idle }) => [offset, idle]),
      [
        [2, true],
        [4, true],
        [0, true],
      ],
    );
  }
});

test('no input at all is no batch', async () => {
  assert.equal((await replay(write([]), 512)).batches.length, 0);
  const empty = write([{ topicIndex: 0, partition: 0, lines: ['', ''] }]);
  assert.equal((await replay(empty, 512)).batches.length, 0);
});

test('a missing file ends the replay before its first batch', async () => {
  const inputs = [
    ...write([{ topicIndex: 0, partition: 0, lines: [1, 2, 3] }]),
    { topicIndex: 1, partition: 0, path: join(directory, 'nowhere') },
  ];
  const source = new ReplaySource(topics, inputs, { nowMs });
  await assert.rejects(
    source.next(),
    (error) => error instanceof WeirError && error.code === 'input-missing',
  );
  await source.close();
});

const line = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 200 }) },
  { weight: 1, arbitrary: fc.constantFrom<number | string>('', '{', 'null', 700, 605, 606) },
);
const someFiles = fc
  .tuple(
    ...[0, 0, 0, 1, 2, 3].map(() =>
      fc.option(fc.array(line, { maxLength: 25 }), { nil: undefined, freq: 4 }),
    ),
  )
  .map((all) =>
    all.flatMap((lines, i): readonly File[] =>
      lines === undefined
        ? []
        : [{ topicIndex: [0, 0, 0, 1, 2, 3][i] ?? 0, partition: i < 3 ? i : 0, lines }],
    ),
  );

/** The order of DESIGN by one sort over all records, each judged by a scan of all before it. */
function naive(files: readonly File[]): readonly string[] {
  const all = files.flatMap(({ topicIndex, partition, lines }) => {
    const { topic, kind } = topics[topicIndex] ?? { topic: '', kind: 'source' };
    const usedMinutes: number[] = [];
    return lines.flatMap((one, offset) => {
      if (one === '') return [];
      const max = Math.max(...usedMinutes);
      let verdict = 'used';
      if (typeof one === 'string') verdict = 'invalid';
      else if (one > 605) verdict = 'future';
      else if (kind === 'source' && one < max - 60) verdict = 'late';
      else usedMinutes.push(one);
      const name = `${topic}/${partition}/${offset} ${verdict}`;
      return [{ at: Math.max(...usedMinutes), kind, topic, partition, offset, name }];
    });
  });
  const rank = (kind: string): number => (kind === 'table' ? 0 : 1);
  all.sort((a, b) => {
    if (a.at !== b.at) return a.at - b.at;
    if (a.kind !== b.kind) return rank(a.kind) - rank(b.kind);
    if (a.topic !== b.topic) return a.topic < b.topic ? -1 : 1;
    return a.partition - b.partition || a.offset - b.offset;
  });
  return all.map(({ name }) => name);
}

test('the sequence equals a naive sort of all records', async () => {
  await fc.assert(
    fc.asyncProperty(someFiles, async (files) => {
      assert.deepEqual((await replay(write(files), 7)).records, naive(files));
    }),
    { numRuns: 150 },
  );
});

/** Ticks by the definition: after each record, then once more without the file that it ended. */
function naiveTicks(files: readonly File[], records: readonly string[]): readonly string[] {
  const ticks: string[] = [];
  for (const topic of ['visits', 'orders']) {
    const own = files.filter((file) => topics[file.topicIndex]?.topic === topic);
    let last = Number.NEGATIVE_INFINITY;
    for (let n = 1; n <= records.length; n++) {
      for (const activeFrom of [n - 1, n]) {
        const maxima = own.flatMap(({ partition, lines }) => {
          const isOwn = (one: string): boolean => one.startsWith(`${topic}/${partition}/`);
          const taken = records
            .slice(0, n)
            .filter((one) => isOwn(one) && one.endsWith(' used'))
            .map((one) => Number(lines[Number(one.split(/[/ ]/)[2])]));
          return records.slice(activeFrom).some(isOwn) ? [Math.max(...taken)] : [];
        });
        const watermark = maxima.length === 0 ? last : Math.min(...maxima) - 1;
        if (watermark > last) ticks.push(`${n} ${topic} ${watermark}`);
        last = Math.max(last, watermark);
      }
    }
  }
  return ticks.sort();
}

test('ticks stand where a naive recomputation puts them', async () => {
  await fc.assert(
    fc.asyncProperty(someFiles, async (files) => {
      const { records, ticks } = await replay(write(files), 512);
      assert.deepEqual([...ticks].sort(), naiveTicks(files, records));
    }),
    { numRuns: 150 },
  );
});

test('neither the size of batches nor a stop between them changes records, ticks or cursors', async () => {
  await fc.assert(
    fc.asyncProperty(
      someFiles,
      fc.integer({ min: 1, max: 20 }),
      fc.nat(),
      async (files, size, at) => {
        const inputs = write(files);
        const whole = await replay(inputs, 512);
        const cut = await replay(inputs, size);
        assert.deepEqual(cut.records, whole.records);
        assert.deepEqual(cut.ticks, whole.ticks);
        assert.deepEqual(cut.batches.at(-1)?.cursors, whole.batches.at(-1)?.cursors);
        const stop = cut.batches[at % Math.max(cut.batches.length, 1)];
        if (stop === undefined) return;
        const rest = await replay(inputs, size, positionAfter(stop));
        assert.deepEqual(rest.batches, cut.batches.slice(stop.batch + 1));
      },
    ),
    { numRuns: 150 },
  );
});

test('the account balances: every line that is not blank is counted once', async () => {
  await fc.assert(
    fc.asyncProperty(someFiles, async (files) => {
      const { records, batches } = await replay(write(files), 5);
      const lines = files.flatMap((file) => file.lines).filter((one) => one !== '');
      assert.equal(records.length, lines.length);
      for (const { topic, partition, counts } of batches.at(-1)?.cursors ?? []) {
        const own = records.filter((one) => one.startsWith(`${topic}/${partition}/`));
        const byVerdict = verdicts.map(
          (name) => own.filter((one) => one.endsWith(` ${name}`)).length,
        );
        assert.deepEqual(counts, byVerdict);
      }
    }),
    { numRuns: 50 },
  );
});
