import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const index = fileURLToPath(new URL('../../src/index.js', import.meta.url));
const compiler = join(
  dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin/tsc',
);

/** What the compiler says about a file of the user's, line by line of the definition. */
function messages(lines: readonly string[]): string[] {
  const directory = mkdtempSync(join(tmpdir(), 'weir-types-'));
  try {
    const file = join(directory, 'wrong.ts');
    writeFileSync(file, lines.join('\n'));
    const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023'];
    const { stdout } = spawnSync(process.execPath, [compiler, ...flags, '--types', '', file], {
      cwd: directory,
      encoding: 'utf8',
    });
    const places = stdout.matchAll(/^\S*wrong\.ts\((\d+),\d+\): error TS\d+: (.*)$/gm);
    return [...places].map(([, line, message]) => `${lines[Number(line) - 1]!.trim()} ${message}`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

test('what the compiler says of a wrong definition names what there is', () => {
  const found = messages([
    `import { key, number, oneOf, optional, source, view } from ${JSON.stringify(index)};`,
    `const visits = source('visits', { key: 'user', time: 'at', fields: {`,
    `  user: key(), kind: oneOf('look', 'buy'), paid: optional(number()), tip: number() } });`,
    `export const user = view({ name: 'user', key: 'user', source: visits, features: (on) => ({`,
    `  a: on.sum('payed', { over: '1h' }),`,
    `  b: on.histogram('kind', { over: '1h', size: 2 }),`,
    `  c: on.count({ where: { kind: 'bought' }, over: '1h' }),`,
    `}) });`,
    `user.features.d;`,
    `visits.asOf('users');`,
  ]);
  const columns = `'"paid" | "tip" | Expr<number> | Expr<number | null>'`;
  assert.deepEqual(found.slice(0, 3), [
    `a: on.sum('payed', { over: '1h' }), Argument of type '"payed"' is not assignable to parameter of type ${columns}.`,
    `b: on.histogram('kind', { over: '1h', size: 2 }), Argument of type '"kind"' is not assignable to parameter of type ${columns}.`,
    `c: on.count({ where: { kind: 'bought' }, over: '1h' }), Type '"bought"' is not assignable to type 'NonNullable<"buy" | "look"> | undefined'.`,
  ]);
  assert.match(found[3]!, /^user\.features\.d; Property 'd' does not exist on type /);
  assert.match(found[4]!, /^visits\.asOf\('users'\); /);
  assert.equal(found.length, 5);
});
