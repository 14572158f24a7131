import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { referenceListCommand, referenceShowCommand } from '../../src/cli/reference-show.js';
import { type ReferenceContent, sealReference } from '../../src/monitors/reference.js';
import { writeReference } from '../../src/monitors/reference-file.js';
import { smallReference } from '../monitors/small-reference.js';

const [feature] = smallReference.features;
const other: ReferenceContent = {
  ...smallReference,
  monitor: 'another-monitor',
  features: [{ ...feature!, name: 'b', n: 4, counts: [3, 0, 1] }],
};

function printed(t: TestContext, run: () => void): string[] {
  const lines: string[] = [];
  const log = t.mock.method(console, 'log', (line: string) => lines.push(line));
  run();
  log.mock.restore();
  return lines;
}

function written(t: TestContext): readonly [string, readonly [string, string]] {
  const directory = mkdtempSync(join(tmpdir(), 'weir-references-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const paths = ['a.reference.json', 'b.reference.json'].map((name) => join(directory, name));
  writeReference(sealReference(smallReference), paths[0]!);
  writeReference(sealReference(other), paths[1]!);
  return [directory, [paths[0]!, paths[1]!]];
}

test('a list of references says what its columns are, and they stand below each other', (t) => {
  const [directory, [first]] = written(t);
  const lines = printed(t, () => referenceListCommand().parse([directory], { from: 'user' }));
  assert.equal(lines.length, 3);
  const words = ['id', 'monitor', 'model', 'from', 'to', 'features', 'figures', 'file'];
  assert.deepEqual(lines[0]!.split(/\s{2,}/), words);
  const at = lines[0]!.indexOf('monitor');
  assert.deepEqual(
    lines.slice(1).map((line) => line.slice(at).split(/\s{2,}/)[0]),
    ['drift', 'another-monitor'],
  );
  assert.ok(lines[1]!.endsWith(first));
});

test('of a feature that one of two references lacks it is said which', (t) => {
  const [, paths] = written(t);
  const lines = printed(t, () => referenceShowCommand().parse([...paths], { from: 'user' }));
  assert.deepEqual(lines, [
    'a: the second lacks it; 3 samples in the first, nulls 0.000',
    'b: the first lacks it; 4 samples in the second, nulls 0.250',
  ]);
});
