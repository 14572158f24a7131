// Runs every test file, listed by name: Node 20 expands no `**`, and a run without files would
// pass. Says at the end what was left out, and why.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runningServers } from './servers.js';

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
const scratch = mkdtempSync(join(tmpdir(), 'weir-tests-'));
const leftOut = join(scratch, 'left-out');
const reporters = [
  [process.stdout.isTTY ? 'spec' : 'tap', 'stdout'], // as Node 20 chooses by itself
  [join(here, 'left-out.js'), leftOut],
].flatMap(([name, to]) => [`--test-reporter=${name}`, `--test-reporter-destination=${to}`]);
const flags = ['--enable-source-maps', '--expose-gc', '--test', '--test-concurrency=2'];
const { status } = spawnSync(process.execPath, [...flags, ...reporters, ...files], {
  stdio: 'inherit',
  env: { ...runningServers(), ...process.env },
});
process.stdout.write(readFileSync(leftOut, 'utf8'));
rmSync(scratch, { recursive: true });
process.exit(status ?? 1);
