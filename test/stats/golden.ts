import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

/** Reads a golden file; the compiled test lies in .build/test/stats, the file beside its source. */
export function readGolden<T>(name: string): T {
  const url = new URL(`../../../test/stats/golden/${name}`, import.meta.url);
  // The shape is the script's that wrote the file; a wrong one fails the test that reads it.
  return JSON.parse(readFileSync(url, 'utf8')) as T;
}

export function assertRelative(actual: number, expected: number, limit: number, what: string) {
  const error = expected === actual ? 0 : Math.abs(actual - expected) / Math.abs(expected);
  assert.ok(error <= limit, `${what}: ${actual}, expected ${expected}, relative error ${error}`);
}
