import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { compareCommand } from '../../src/cli/compare.js';
import { deadLettersCommand } from '../../src/cli/dead-letters.js';
import { episodesCommand } from '../../src/cli/episodes.js';
import { generateCommand } from '../../src/cli/generate.js';
import { monitorCommand } from '../../src/cli/monitor.js';
import { timeOption } from '../../src/cli/options.js';
import { referenceCommand } from '../../src/cli/reference.js';
import { replayCommand } from '../../src/cli/replay.js';
import { retrainingCommand } from '../../src/cli/retraining.js';
import { verifyCommand } from '../../src/cli/verify.js';
import { WeirError } from '../../src/errors.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const commands: Readonly<Record<string, () => Command>> = {
  compare: compareCommand,
  'dead-letters': deadLettersCommand,
  episodes: episodesCommand,
  generate: generateCommand,
  monitor: monitorCommand,
  reference: referenceCommand,
  replay: replayCommand,
  retraining: retrainingCommand,
  verify: verifyCommand,
};

interface Shown {
  readonly place: string;
  readonly line: string;
}

/** `weir …` in fenced blocks of the pages, and in the examples of `--help`. */
function shownCommands(): readonly Shown[] {
  const pages = [...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`), 'README.md'];
  const inPages = pages
    .filter((path) => path.endsWith('.md'))
    .flatMap((path) =>
      [...read(path).matchAll(/^```.*\n([\s\S]*?)^```$/gm)].map((block) => ({
        place: path,
        text: block[1]!,
      })),
    );
  const helps = readdirSync(join(root, 'src/cli')).map((name) => {
    const place = `src/cli/${name}`;
    return { place, text: read(place).replaceAll('\\\\', '\\').replaceAll('`;', '') };
  });
  return [...inPages, ...helps].flatMap(({ place, text }) =>
    text
      .replaceAll(/\\\n\s*/g, '')
      .split('\n')
      .filter((line) => /^\s*weir [a-z-]+ /.test(line))
      .map((line) => ({ place, line: line.trim() })),
  );
}

/** What a usage line stands for: `[--topic T]` given, of alternatives the first. */
function wordsOf(line: string): string[] {
  const plain = line.replaceAll(/[[\]]/g, '').replaceAll('TIME', '2024-01-15T10:30:00Z');
  const words = plain.match(/"[^"]*"|\S+/g) ?? [];
  return words.slice(1).map((word) => {
    if (/^[a-z]+(\|[a-z]+)+$/.test(word)) return word.split('|')[0]!;
    if (word === 'N' || word === 'B') return '1';
    return word.replaceAll('"', '').replace(/127\.0\.0\.1:\d+/, '127.0.0.1:9');
  });
}

/** Runs it where nothing is: no file, no server. */
async function errorOf(words: readonly string[]): Promise<unknown> {
  const [name, ...rest] = words;
  const command = commands[name!]!();
  for (const one of [command, ...command.commands]) {
    one.exitOverride().configureOutput({ writeErr: () => undefined });
  }
  const engine = ['--engine', 'http://127.0.0.1:9'];
  const places: Readonly<Record<string, readonly string[]>> = {
    episodes: engine,
    retraining: engine,
    'dead-letters': ['--file', 'none.ndjson'],
  };
  try {
    await command.parseAsync([...rest, ...(places[name!] ?? [])], { from: 'user' });
    return null;
  } catch (error) {
    return error;
  }
}

test('no command that a page or a help text shows is refused for how it is used', async (t) => {
  const scratch = mkdtempSync(join(tmpdir(), 'weir-shown-'));
  const home = process.cwd();
  process.chdir(scratch);
  t.after(() => {
    process.chdir(home);
    rmSync(scratch, { recursive: true });
  });
  t.mock.method(console, 'log', () => undefined);
  t.mock.method(console, 'error', () => undefined);
  const shown = shownCommands();
  assert.ok(shown.length >= 20, `${shown.length}`);
  for (const { place, line } of shown) {
    const words = wordsOf(line);
    if (words[0] === 'generate') continue; // it would write worlds; its options are parsed below
    assert.ok(words[0]! in commands, `${place}: ${line}`);
    const error = await errorOf(words);
    const isMissing = error instanceof WeirError && error.code !== 'wrong-use';
    assert.ok(error === null || isMissing, `${place}: ${line}\n${error}`);
  }
});

test('the worlds that the help text generates have options that are known', () => {
  const worlds = shownCommands().filter(({ line }) => line.startsWith('weir generate'));
  assert.equal(worlds.length, 3);
  for (const { line } of worlds) {
    const command = generateCommand()
      .exitOverride()
      .action(() => undefined);
    command.parse(wordsOf(line).slice(1), { from: 'user' });
  }
});

test('a time may be given to the minute, with its zone', () => {
  assert.equal(timeOption('--from', '2026-03-01T00:00Z'), Date.UTC(2026, 2, 1));
  assert.equal(timeOption('--from', '2026-03-01T01:30+01:30'), Date.UTC(2026, 2, 1));
  for (const text of ['2026-03-01T00:00', '2026-03-01T00Z', '2026-03-01', '2026-03-01T25:00Z']) {
    assert.throws(() => timeOption('--from', text), /--from: expected a time such as/);
  }
});
