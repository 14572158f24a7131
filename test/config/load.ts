import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Config } from '../../src/config/config.js';
import { loadConfig, type Override } from '../../src/config/load-config.js';
import { WeirError } from '../../src/errors.js';

/** A directory that holds the files; removed after the test. */
export function directoryWith(
  t: TestContext,
  files: Readonly<Record<string, string | Buffer>>,
): string {
  const directory = mkdtempSync(join(tmpdir(), 'weir-config-'));
  t.after(() => rmSync(directory, { recursive: true }));
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(directory, name), content);
  return directory;
}

export interface Given {
  readonly yaml?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly overrides?: readonly Override[];
}

/** What the sources give, the file being `weir.config.yaml` of a directory made for it. */
export function load(t: TestContext, { yaml, env = {}, overrides = [] }: Given): Config {
  const directory = directoryWith(t, yaml === undefined ? {} : { 'weir.config.yaml': yaml });
  return loadConfig({ env, overrides, directory });
}

/** The message with which the sources are refused, as a fault of the user's. */
export function refusal(t: TestContext, given: Given): string {
  return refusalOf(() => load(t, given));
}

export function refusalOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    assert(error instanceof WeirError, String(error));
    assert.deepEqual([error.code, error.exitCode, error.cause], ['config-invalid', 2, undefined]);
    return error.message;
  }
  assert.fail('it was not refused');
}
