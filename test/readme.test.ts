import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../src/config/load-config.js';
import { latestOf } from './server/sample-engine.js';
import { serve } from './server/serve.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Block {
  /** What stands behind the opening fence. */
  readonly kind: string;
  readonly text: string;
}

/**
 * The fenced blocks of the README: `sh` sets up, `sh run` runs from the root, `sh live` beside a
 * running engine, `ts` is a file of examples/, `yaml` are settings, `json` is what the block before
 * it prints.
 */
const blocks: readonly Block[] = [...read('README.md').matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(
  ([, kind, text]) => ({ kind: kind!, text: text! }),
);
const ofKind = (kind: string): string[] =>
  blocks.filter((block) => block.kind === kind).map(({ text }) => text);

test('the README has no block that no test knows', () => {
  const known = ['', 'sh', 'sh run', 'sh live', 'ts', 'json', 'yaml'];
  assert.deepEqual(
    blocks.filter(({ kind }) => !known.includes(kind)),
    [],
  );
});

test('the README sets up with two commands, and their scripts exist', () => {
  assert.deepEqual(ofKind('sh'), ['npm ci && npm start\n', 'npm ci && npm test\n']);
  const { scripts } = JSON.parse(read('package.json'));
  assert.match(scripts.start, /main\.js start$/);
  assert.match(scripts.test, /test\/run\.js$/);
});

test('TypeScript shown in the README is, letter for letter, an example that compiles', () => {
  const examples = readdirSync(join(root, 'examples'))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => read(join('examples', name)));
  assert.ok(ofKind('ts').length > 0);
  for (const text of ofKind('ts')) assert.ok(examples.includes(text), text);
});

test('settings shown in the README are accepted', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'weir-readme-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const shown = ofKind('yaml');
  assert.equal(shown.length, 1);
  const file = join(directory, 'weir.config.yaml');
  writeFileSync(file, shown[0]!);
  const { kafka, redis, clickhouse } = loadConfig({ file, env: {}, overrides: [] });
  assert.deepEqual([kafka?.brokers.length, redis?.cluster, clickhouse.mode], [1, true, 'server']);
});

test('the commands of the README run in order and print what it says', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'weir-readme-'));
  t.after(() => rmSync(directory, { recursive: true }));
  cpSync(join(root, 'examples'), join(directory, 'examples'), { recursive: true });
  symlinkSync(join(root, '.build'), join(directory, '.build'));
  let ran = 0;
  for (const [i, { kind, text }] of blocks.entries()) {
    if (kind !== 'sh run') continue;
    const options = { cwd: directory, encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync('sh', ['-euc', text], options);
    assert.equal(status, 0, `${text}${stderr}`);
    const next = blocks[i + 1];
    if (next?.kind === 'json') assert.equal(stdout, next.text);
    ran++;
  }
  assert.equal(ran, 6);
});

const hasCurl = spawnSync('curl', ['--version']).status === 0;

test('the requests of the README are answered', { skip: !hasCurl && 'no curl' }, async (t) => {
  const { engine, server } = await serve(t);
  engine.vectors.set('7', latestOf(7, [1, 2, 3.5, null, null, null]));
  const commands = ofKind('sh live').flatMap((text) =>
    text.replaceAll('\\\n', ' ').trimEnd().split('\n'),
  );
  assert.equal(commands.length, 4);
  for (const command of commands) {
    // The server answers from this very process: a call that waits for the command would wait
    // forever.
    const flags = 'curl --fail-with-body --silent --show-error --max-time 2';
    const here = command.replace('http://127.0.0.1:8080', server.url).replace('curl', flags);
    const { code, output } = await shell(here);
    const isStream = command.includes('/stream');
    // 28: a stream does not end by itself.
    assert.equal(code, isStream ? 28 : 0, `${here}\n${output}`);
  }
  assert.equal(engine.taken.length, 1);
});

async function shell(command: string): Promise<{ code: number | null; output: string }> {
  const child = spawn('sh', ['-euc', command], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
}

/** GitHub's name of a heading. */
function anchorOf(heading: string): string {
  const words = heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '');
  return words.replaceAll(' ', '-');
}

test('links between pages lead to pages and headings that exist', () => {
  const docs = readdirSync(join(root, 'docs')).map((name) => join('docs', name));
  const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...docs];
  const broken = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\(([^)\s]+)\)/g)]
      .map((match) => match[1]!)
      .filter((link) => !/^https?:/.test(link))
      .filter((link) => !leadsSomewhere(page, link))
      .map((link) => `${page}: ${link}`),
  );
  assert.deepEqual(broken, []);
});

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  const found = [target, `${target}.md`].find((one) => existsSync(join(root, one)));
  if (found === undefined || anchor === undefined) return found !== undefined;
  const headings = [...read(found).matchAll(/^#+ (.*)$/gm)].map((match) => anchorOf(match[1]!));
  return headings.includes(anchor);
}
