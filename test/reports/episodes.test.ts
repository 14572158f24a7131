import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { monitorWindows } from '../../src/reports/monitor-windows.js';
import { KeptReport } from './read-report.js';
import { monitorSettings } from './settings.js';
import { type Cells, normal, uniform, writeColumns } from './streams.js';

const directory = mkdtempSync(join(tmpdir(), 'weir-episodes-'));
after(() => rmSync(directory, { recursive: true }));

const window = 1000;
const slide = 100;
type Columns = (seed: number) => Readonly<Record<string, Cells>>;

/** Three normal columns, the first two moved by `shift` of their row. */
const moved =
  (shift: (row: number) => number): Columns =>
  (seed) => {
    const [a, b, c] = [normal(seed), normal(seed + 1), normal(seed + 2)];
    return { a: (row) => a() + shift(row), b: (row) => b() + shift(row), c: () => c() };
  };
const still = moved(() => 0);

async function episodes(input: Columns, rows: number, reference: Columns = still) {
  const [r, i] = [join(directory, 'r.csv'), join(directory, 'i.csv')];
  writeColumns(r, 10_000, reference(1));
  writeColumns(i, rows, input(1001));
  const report = new KeptReport();
  await monitorWindows({ ...monitorSettings({ reference: r, input: i }), window, slide }, report);
  return report;
}

const late = (change: number, opened: number) =>
  assert.ok(opened > change && opened <= change + 600, `opened at ${opened}`);

test('without drift there is no episode', async () => {
  assert.deepEqual((await episodes(still, 12_000)).episodes, []);
});

test('a lasting change is one episode of the columns that moved, and stays open', async () => {
  const found = (
    await episodes(
      moved((row) => (row >= 5000 ? 0.7 : 0)),
      14_000,
    )
  ).episodes;
  assert.equal(found.length, 1);
  late(5000, found[0]!.opened);
  assert.deepEqual([[...found[0]!.columns].sort(), found[0]!.closed], [['a', 'b'], null]);
});

test('a change that goes away again closes its episode when the window has left it', async () => {
  const away = (row: number) => ([3, 4, 9, 10].includes(Math.floor(row / 1000)) ? 1 : 0);
  const found = (await episodes(moved(away), 14_000)).episodes;
  assert.deepEqual(
    found.map(({ ended }) => ended),
    ['recovered', 'recovered'],
  );
  for (const [i, change] of [3000, 9000].entries()) {
    late(change, found[i]!.opened);
    const closed = found[i]!.closed!;
    assert.ok(closed >= change + 2500 && closed <= change + 3400, `closed at ${closed}`);
  }
});

test('a gradual change is one episode', async () => {
  const ramp = (row: number) => Math.min(1, Math.max(0, (row - 4000) / 4000));
  const found = (await episodes(moved(ramp), 14_000)).episodes;
  assert.deepEqual(
    found.map(({ closed }) => closed),
    [null],
  );
});

test('a second change of the same columns takes the place of the first', async () => {
  const steps = (row: number) => (row < 3000 ? 0 : row < 9000 ? 1 : -1);
  const found = (await episodes(moved(steps), 14_000)).episodes;
  assert.deepEqual(
    found.map(({ ended }) => ended),
    ['superseded', null],
  );
  late(9000, found[1]!.opened);
  assert.equal(found[0]!.closed, found[1]!.opened);
});

test('a second change of other columns is an episode beside the first', async () => {
  const input: Columns = (seed) => {
    const [a, c] = [normal(seed), normal(seed + 1)];
    return {
      a: (row) => a() + Number(row >= 3000),
      b: () => 1,
      c: (row) => c() + Number(row >= 9000),
    };
  };
  const reference: Columns = (seed) => ({ ...still(seed), b: () => 1 });
  const found = (await episodes(input, 14_000, reference)).episodes;
  assert.deepEqual(
    found.map(({ columns, closed }) => [columns, closed]),
    [
      [['a'], null],
      [['c'], null],
    ],
  );
});

test('rows that hang together are no drift', async () => {
  const following: Columns = (seed) => {
    const next = normal(seed);
    let x = 0;
    return {
      a: () => {
        x = 0.95 * x + next();
        return x;
      },
    };
  };
  assert.deepEqual((await episodes(following, 14_000, following)).episodes, []);
});

test('a category that appears and nulls that rise are found; a row number is not', async () => {
  const columns =
    (isInput: boolean): Columns =>
    (seed) => {
      const next = uniform(seed);
      return {
        city: (row) => (isInput && row >= 3000 && next() < 0.08 ? 'new' : next() < 0.5 ? 'x' : 'y'),
        holes: (row) => (isInput && row >= 9000 && next() < 0.1 ? '' : next()),
        row: (row) => (isInput ? 10_000 + row : row),
      };
    };
  const report = await episodes(columns(true), 14_000, columns(false));
  assert.deepEqual(
    report.episodes.map((one) => one.columns),
    [['city'], ['holes']],
  );
  assert.deepEqual(
    report.summary?.untested.map(({ column }) => column),
    ['row'],
  );
});

/** A season longer than the window, the level moved by `shift` of the row. */
const seasonal =
  (shift: (row: number) => number): Columns =>
  (seed) => {
    const noise = normal(seed);
    return { a: (row) => Math.sin((2 * Math.PI * row) / 1440) + 0.3 * noise() + shift(row) };
  };

test('a season longer than the window is no drift', async () => {
  const flat = seasonal(() => 0);
  assert.deepEqual((await episodes(flat, 12_000, flat)).episodes, []);
});

test('a level beyond all of a season longer than the window is an episode that closes', async () => {
  const up = seasonal((row) => (row >= 5000 && row < 9000 ? 3 : 0));
  const found = (
    await episodes(
      up,
      14_000,
      seasonal(() => 0),
    )
  ).episodes;
  assert.equal(found.length, 1);
  const { opened, closed, ended } = found[0]!;
  assert.ok(opened > 5000 && opened <= 6200, `opened at ${opened}`);
  assert.ok(closed !== null && closed > 9000 && closed <= 10_400, `closed at ${closed}`);
  assert.equal(ended, 'recovered');
});
