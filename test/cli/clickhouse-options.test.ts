import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { configuredClickhouse } from '../../src/cli/clickhouse-options.js';
import { WeirError } from '../../src/errors.js';

function settings(t: TestContext, clickhouse: object): string {
  const directory = mkdtempSync(join(tmpdir(), 'weir-settings-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'weir.config.yaml');
  writeFileSync(file, JSON.stringify({ clickhouse }));
  return file;
}

test('without a URL the server of the settings is asked', async (t) => {
  const url = 'http://127.0.0.1:9';
  const file = settings(t, { mode: 'server', url, database: 'shop' });
  const clickhouse = configuredClickhouse('--from-clickhouse', file);
  t.after(() => clickhouse.close());
  assert.deepEqual([clickhouse.url, clickhouse.database], [url, 'shop']);
});

test('where the settings name no server it is said where the URL is found', (t) => {
  const file = settings(t, { mode: 'embedded' });
  assert.throws(
    () => configuredClickhouse('--from-clickhouse', file),
    (error) =>
      error instanceof WeirError &&
      error.code === 'wrong-use' &&
      /--from-clickhouse: expected clickhouse.mode server.*found embedded;.*log/.test(
        error.message,
      ),
  );
});
