import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { generatedInputs } from '../kills/generated-inputs.js';
import { type Ended, startWeir, weir } from '../kills/weir-process.js';

const root = mkdtempSync(join(tmpdir(), 'weir-command-'));
after(() => rmSync(root, { recursive: true }));
const inputs = generatedInputs(join(root, 'input'), { events: 400, seed: 9 });
const interactions = inputs[0]!.slice('interactions='.length);
const clock = ['--now', '2026-01-01T00:00:00Z'];

function file(name: string, content: string | Buffer): string {
  writeFileSync(join(root, name), content);
  return join(root, name);
}

let outs = 0;
function newOut(): string {
  return join(root, `out-${outs++}`);
}

/** Replays `words` without models into `out`. */
function replayed(words: readonly string[], out: string, more: readonly string[] = []) {
  const fixed = ['replay', '--pipeline', 'places', '--without-models', ...clock];
  return startWeir([...fixed, '--input', ...words, '--out', out, ...more]).ended;
}

function lines(out: string, name: string): number {
  return readFileSync(join(out, `${name}.ndjson`), 'utf8').split('\n').length - 1;
}

function refused({ code, stdout, stderr }: Ended, exit: number, message: RegExp): void {
  assert.match(stderr, message);
  assert.match(stderr, /^weir: [^\n]+\n$/);
  assert.equal(code, exit);
  assert.equal(stdout, '');
}

test('a module that gives no pipeline is refused in one sentence', async () => {
  const weirModule = 'import { pipeline } from "weir";\n';
  const cases: readonly (readonly [string, RegExp])[] = [
    [join(root, 'nowhere.ts'), /expected a built-in pipeline \(places\) or the path/],
    ['nowhere', /found 'nowhere', which is neither/],
    [root, /which is neither/],
    [file('none.ts', 'export const x = 1;\n'), /no pipeline among the exports \(.*\bx\b/],
    [file('blank.ts', ''), /expected 'export default pipeline\(\{ … \}\)'/],
    [
      file('syntax.ts', 'export default {\n'),
      /syntax\.ts could not be loaded \(.*Unexpected token/,
    ],
    [
      file('throws.ts', 'throw new Error("boom\\nand more");\n'),
      /could not be loaded \(Error: boom\)/,
    ],
    [file('import.ts', 'import "not-there";\n'), /Cannot find module 'not-there'/],
    [
      file('empty.ts', `${weirModule}export default pipeline({ name: "x", views: [] });\n`),
      /pipeline x: expected at least one view/,
    ],
  ];
  for (const [name, message] of cases) {
    const args = ['replay', '--pipeline', name, '--input', ...inputs, '--out', newOut()];
    refused(await startWeir(args).ended, 2, message);
  }
});

test('wrong arguments are refused with exit code 2 and write nothing', async () => {
  const out = newOut();
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [
      ['--input', 'visits=a.ndjson'],
      /a topic of places \(interactions, .*found 'visits=a\.ndjson'/,
    ],
    [['--input', 'interactions='], /found 'interactions='/],
    [['--input', 'a.ndjson'], /expected TOPIC=FILE/],
    [['--input', ...inputs, '--now', 'yesterday'], /--now: .*; give one with its zone/],
    [['--input', ...inputs, '--now', ''], /--now: expected a time/],
    [['--input', ...inputs, '--now', '2026-01-01T00:00:00'], /--now: /],
    [['--input', ...inputs, '--partitions', '0'], /--partitions: expected a whole number from 1/],
    [['--input', ...inputs, '--frame-size', '1.5'], /--frame-size: expected a whole number/],
    [['--input', ...inputs, '--lateness', '5'], /--lateness: expected a duration such as/],
    [['--input', ...inputs, '--disorder', '-1m'], /--disorder: expected a duration such as/],
  ];
  for (const [more, message] of cases) {
    const args = ['replay', '--pipeline', 'places', '--without-models', '--out', out, ...more];
    refused(await startWeir(args).ended, 2, message);
  }
  for (const more of [
    [],
    ['--input'],
    ['--input', ...inputs, '--frobnicate'],
    ['--input=a', '-x'],
  ]) {
    const { code, stderr } = await startWeir([
      'replay',
      '--pipeline',
      'places',
      '--out',
      out,
      ...more,
    ]).ended;
    assert.equal(code, 2, stderr);
    assert.match(stderr, /^error: .*\n(\(Did .*\n)?\(weir replay --help shows how it is used\)\n$/);
  }
  assert.ok(!existsSync(out));
});

test('inputs that cannot be read are refused before anything is written', async () => {
  const pipe = join(root, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const cases: readonly (readonly [string, RegExp])[] = [
    [join(root, 'none.ndjson'), /none\.ndjson: expected a file, found none; check the path/],
    [root, /expected a file, found a directory; name the files in it/],
    [pipe, /expected a file, found a pipe; a run that was killed reads its inputs again/],
    [
      join(interactions, 'below'),
      /below: expected a file, found none|found ENOTDIR; check the path/,
    ],
  ];
  const out = newOut();
  for (const [path, message] of cases)
    refused(await replayed([`interactions=${path}`], out), 1, message);
  assert.ok(!existsSync(out));
});

test('an input that would be overwritten is refused', async () => {
  const out = newOut();
  mkdirSync(out);
  const text = readFileSync(interactions);
  writeFileSync(join(out, 'vectors.ndjson'), text);
  const words = [`interactions=${join(out, '..', 'out-twin', 'vectors.ndjson')}`];
  execFileSync('ln', ['-s', out, join(out, '..', 'out-twin')]);
  refused(await replayed(words, out), 2, /is an output of .* and would be overwritten/);
  assert.deepEqual(readFileSync(join(out, 'vectors.ndjson')), text);
});

test('an --out that is no directory is refused', async () => {
  const path = file('taken', 'kept');
  refused(await replayed(inputs, path), 2, /--out: expected a directory, found a file at /);
  refused(await replayed(inputs, join(path, 'x')), 2, /--out: expected a directory, found ENOTDIR/);
  assert.equal(readFileSync(path, 'utf8'), 'kept');
});

test('what may not be read or written is said so', { skip: withoutRights() }, () => {
  const closed = join(root, 'closed');
  mkdirSync(closed);
  const secret = file('secret.ndjson', '{}\n');
  chmodSync(secret, 0o000);
  chmodSync(closed, 0o555);
  chmodSync(root, 0o755);
  const run = (input: string, out: string) => {
    const args = [weir, 'replay', '--pipeline', 'places', '--without-models'];
    const own = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const words = ['--input', `interactions=${input}`, '--out', out];
    return spawnSync(process.execPath, [...args, ...words], { encoding: 'utf8', ...own });
  };
  const unreadable = run(secret, join(root, 'o'));
  assert.match(unreadable.stderr, /secret\.ndjson: expected a file that may be read, found EACCES/);
  assert.equal(unreadable.status, 1);
  const unwritable = run(interactions, join(closed, 'o'));
  assert.match(unwritable.stderr, /^weir: EACCES while creating .*: check the disk, the mount and/);
  assert.equal(unwritable.status, 1);
});

/** Root may read and write everything, so these tests run as nobody, who must reach the code. */
function withoutRights(): string | false {
  if (process.getuid?.() !== 0) return false;
  const { status } = spawnSync(process.execPath, [weir, '--help'], { uid: 65_534, gid: 65_534 });
  return status === 0 ? false : 'running as root, and no other user can read the code';
}

test('a gzip file that is cut off fails the run; made whole and with --reset it goes through', async () => {
  const whole = gzipSync(readFileSync(interactions));
  const path = file('cut.ndjson.gz', whole.subarray(0, whole.length / 2));
  const out = newOut();
  const words = [`interactions=${path}`];
  refused(await replayed(words, out), 1, /cut\.ndjson\.gz .*the gzip data is damaged or cut off/);
  writeFileSync(path, whole);
  refused(await replayed(words, out), 1, /input interactions\/0 was .* bytes, is .*--reset\n$/);
  const { code, stderr } = await replayed(words, out, ['--reset']);
  assert.equal(code, 0, stderr);
  assert.ok(lines(out, 'vectors') > 0);
});

test('inputs without events end with an account and empty outputs', async () => {
  const broken = 'no json\n\n{"user_id":1}\n';
  const cases: readonly (readonly [readonly string[], string, number])[] = [
    [[`interactions=${file('empty.ndjson', '')}`], '{"in":0,"used":0,"late":0,"invalid":0', 0],
    [[`interactions=${file('blank.ndjson', '\n\n')}`], '{"in":0,"used":0,"late":0,"invalid":0', 0],
    [[`interactions=${file('broken.ndjson', broken)}`], '{"in":2,"used":0,"late":0,"invalid":2', 2],
  ];
  for (const [words, account, letters] of cases) {
    const out = newOut();
    const { code, stderr } = await replayed(words, out);
    assert.equal(code, 0, stderr);
    const accounts = JSON.parse(readFileSync(join(out, 'accounts.json'), 'utf8'));
    assert.ok(JSON.stringify(accounts.interactions).startsWith(account), JSON.stringify(accounts));
    assert.equal(lines(out, 'dead-letters'), letters);
    assert.equal(lines(out, 'vectors'), 0);
    assert.equal(lines(out, 'latest'), 0);
    assert.deepEqual(
      readdirSync(out).filter((name) => name.startsWith('.')),
      [],
    );
  }
});

test('a last line without its end counts like any other', async () => {
  const text = readFileSync(interactions, 'utf8').trimEnd();
  const [one, two] = [newOut(), newOut()];
  await replayed([`interactions=${file('ended.ndjson', `${text}\n`)}`], one);
  await replayed([`interactions=${file('unended.ndjson', text)}`], two);
  for (const name of ['vectors.ndjson', 'latest.ndjson', 'accounts.json'])
    assert.deepEqual(readFileSync(join(one, name)), readFileSync(join(two, name)), name);
});

test('late lines alone change nothing but the account and the dead letters', async () => {
  const at = (time: string) =>
    `{"user_id":"u","place_id":"p","event_type":"view","timestamp":"${time}"}`;
  const late = Array.from({ length: 5 }, () => at('2025-01-06T08:00:00Z'));
  const text = [at('2025-01-06T12:00:00Z'), ...late].join('\n');
  const out = newOut();
  const { code, stderr } = await replayed([`interactions=${file('late.ndjson', text)}`], out);
  assert.equal(code, 0, stderr);
  const { interactions: account } = JSON.parse(readFileSync(join(out, 'accounts.json'), 'utf8'));
  assert.deepEqual([account.used, account.late, account.in], [1, 5, 6], JSON.stringify(account));
  assert.equal(lines(out, 'dead-letters'), 5);
  assert.equal(lines(out, 'latest'), 2);
});

test('it ends with one line for people on standard error, or with --json one for machines', async () => {
  const human = await replayed(inputs, newOut());
  assert.match(human.stderr, /^[\d,]+ records( \(.*\))? in \d+\.\d s: [^\n]+\n$/);
  assert.equal(human.stdout, '');
  const out = newOut();
  const machine = await replayed(inputs, out, ['--json']);
  assert.equal(machine.stderr, '');
  assert.match(machine.stdout, /^\{[^\n]+\}\n$/);
  const report = JSON.parse(machine.stdout);
  assert.deepEqual(Object.keys(report), ['records', 'accounts', 'outputs', 'seconds']);
  assert.deepEqual(report.accounts, JSON.parse(readFileSync(join(out, 'accounts.json'), 'utf8')));
  assert.deepEqual(Object.keys(report.outputs).sort(), readdirSync(out).sort());
});

const hasScript = spawnSync('script', ['--version']).status === 0;
const noScript = 'script(1), which makes a terminal, is not installed';

test('on a terminal it shows how far it is', { skip: hasScript ? false : noScript }, () => {
  const words = ['--input', ...inputs, '--out', newOut()];
  const args = [weir, 'replay', '--pipeline', 'places', '--without-models', ...words];
  const command = [process.execPath, ...args].join(' ');
  const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], { encoding: 'utf8' });
  const [clear, ...shown] = stdout.split('\r').slice(1);
  assert.equal(clear?.slice(0, 3), '\u001b[K');
  assert.match(stdout, /\[K[\d,]+ records, [\d,]+\/s\r/);
  assert.match(shown.join(), /\[K[\d,]+ records( \(.*\))? in \d+\.\d s: /);
});
