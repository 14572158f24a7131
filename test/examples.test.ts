import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const out = mkdtempSync(join(tmpdir(), 'weir-examples-'));
after(() => rmSync(out, { recursive: true }));

const command = ['.build/src/main.js', 'replay', '--pipeline', 'examples/orders.ts'];
const rest = ['--input', 'orders=examples/orders.ndjson', '--out', out];
const run = spawnSync(process.execPath, [...command, ...rest], { cwd: root, encoding: 'utf8' });

interface Line {
  readonly [name: string]: unknown;
}

function linesOf(path: string): Line[] {
  const text = readFileSync(path, 'utf8').trimEnd();
  return text.split('\n').map((line) => JSON.parse(line) as Line); // NDJSON holds objects
}

test('a pipeline in a .ts file of about 20 lines runs over its own NDJSON', () => {
  assert.equal(run.status, 0, run.stderr);
  const source = readFileSync(join(root, 'examples/orders.ts'), 'utf8');
  assert.ok(source.trimEnd().split('\n').length <= 21);
});

test('its entities end with what a customer can count by hand', () => {
  const names = ['placed_24h', 'placed_7d', 'returned', 'spent_24h', 'spent_7d', 'return_rate'];
  const latest = linesOf(join(out, 'latest.ndjson')).map(({ key, features }) => {
    assert.deepEqual(Object.keys(features as Line), names);
    return [key, ...Object.values(features as Line)];
  });
  // Order 1004 of 1 March 19:05:30 still counts for ann at 8 March 19:59: the window goes back to
  // the start, 18:00, of the pane of 2 h 48 min that holds 1 March 19:59.
  assert.deepEqual(latest, [
    ['ann', 2, 6, 1, 55, 139, 1 / 6],
    ['ben', 1, 4, 2, 64, 109, 0.5],
    ['cho', 1, 4, 2, 19.5, 83.5, 0.5],
    ['dev', 1, 5, 1, 33, 458.5, 0.2],
  ]);
});

test('each vector is what a loop over the earlier orders of the customer finds', () => {
  const orders = linesOf(join(root, 'examples/orders.ndjson'));
  const faulty = [11, 20];
  const events = orders
    .map((order, offset) => ({ ...order, offset, timeMs: Date.parse(order.at as string) }))
    .filter(({ offset }) => !faulty.includes(offset)) as readonly (Line & {
    readonly offset: number;
    readonly timeMs: number;
  })[];
  const expected = events.map((event, i) => {
    const earlier = events.slice(0, i).filter((one) => one.customer === event.customer);
    const asOfMs = Math.max(event.timeMs, ...earlier.map((one) => one.timeMs));
    const within = (hours: number, paneMs: number) => {
      const from = Math.floor((asOfMs - hours * 3_600_000) / paneMs) * paneMs;
      return earlier.filter((one) => one.timeMs >= from);
    };
    const [day, week] = [within(24, 24 * 60_000), within(168, 168 * 60_000)];
    const of = (list: readonly Line[], status: string) =>
      list.filter((one) => one.status === status);
    const spent = (list: readonly Line[]) =>
      of(list, 'placed').reduce((sum, one) => sum + (one.amount as number), 0);
    const placed = of(week, 'placed').length;
    const returned = of(week, 'returned').length;
    return {
      offset: event.offset,
      placed_24h: of(day, 'placed').length,
      placed_7d: placed,
      returned,
      spent_24h: spent(day),
      spent_7d: spent(week),
      return_rate: placed === 0 ? null : returned / placed,
    };
  });
  const found = linesOf(join(out, 'vectors.ndjson'));
  assert.deepEqual(
    found.map(({ offset, features }) => ({ offset, ...(features as Line) })),
    expected,
  );
});

test('the two faulty orders are set aside with their reasons, and the account balances', () => {
  const letters = linesOf(join(out, 'dead-letters.ndjson'));
  assert.deepEqual(
    letters.map(({ offset, reason }) => [offset, reason]),
    [
      [11, 'invalid'],
      [20, 'late'],
    ],
  );
  const accounts = JSON.parse(readFileSync(join(out, 'accounts.json'), 'utf8'));
  const orders = { in: 30, used: 28, late: 1, invalid: 1, duplicate: 0, filtered: 0 };
  assert.deepEqual(accounts, { orders });
});
