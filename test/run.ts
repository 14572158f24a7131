// Runs every test file, listed by name: Node 20 expands no `**`, and a run without files would
// pass.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const wanted = process.argv.slice(2);
const files = readdirSync(here, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.js'))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .map((name) => relative(process.cwd(), join(here, name)))
  .sort();
if (files.length === 0) {
  console.error(`no test file matches ${wanted.join(' ') || 'anything'} in ${here}`);
  process.exit(1);
}
const flags = ['--enable-source-maps', '--expose-gc', '--test', '--test-concurrency=2'];
const { status } = spawnSync(process.execPath, [...flags, ...files], { stdio: 'inherit' });
process.exit(status ?? 1);
