import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { errorKinds } from '../src/errors.js';
import { metricTable } from '../src/telemetry/metric-table.js';

// Lints the repository itself: what Biome and the compiler cannot know of.

const root = fileURLToPath(new URL('../../', import.meta.url));
const folders = [
  '.ci',
  'bench',
  'deploy',
  'docs',
  'examples',
  'models',
  'schemas',
  'scripts',
  'src',
  'test',
];
const generatedFolders = /(^|\/)(__pycache__|\.venv)(\/|$)/;

/** Paths from the root, of the files that are or could be committed. */
const files = [
  ...readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isFile()),
  ...folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => ({ name: join(entry.parentPath, entry.name).slice(root.length) })),
    ),
]
  .map(({ name }) => name)
  .filter((name) => !generatedFolders.test(name) && extname(name) !== '.log')
  .sort();

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const ending = (...ends: readonly string[]): string[] =>
  files.filter((path) => ends.includes(extname(path)));
const texts = files.filter((path) => !['.onnx', '.gz', '.png'].includes(extname(path)));
const typescript = ending('.ts');
const engine = typescript.filter((path) => path.startsWith('src/'));
const code = ending('.ts', '.js', '.mjs', '.py', '.css', '.html', '.sql', '.sh');

function none(found: readonly string[]): void {
  assert.deepEqual(found, [], `\n${found.join('\n')}`);
}

/** Every line that `wrong` says something about, as `path:line: what`. */
function lines(
  paths: readonly string[],
  wrong: (line: string, path: string) => string | undefined,
  textOf: (path: string) => string = read,
): string[] {
  return paths.flatMap((path) =>
    textOf(path)
      .split('\n')
      .flatMap((line, i) => {
        const what = wrong(line, path);
        return what === undefined ? [] : [`${path}:${i + 1}: ${what}`];
      }),
  );
}

const quoted = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/;
const comment = /\/\/[^\n]*|\/\*[\s\S]*?\*\//;

/** The file with its quoted texts emptied, lines kept. */
function withoutTexts(path: string): string {
  const either = new RegExp(`${comment.source}|${quoted.source}`, 'g');
  return read(path).replace(either, (text) =>
    text.startsWith('/') ? text : text.replace(/[^\n]/g, ''),
  );
}

/** The file without texts and comments, lines kept. */
function codeOnly(path: string): string {
  const either = new RegExp(`${comment.source}|${quoted.source}`, 'g');
  return read(path).replace(either, (text) => text.replace(/[^\n]/g, ''));
}

/** What a module names in its imports and re-exports. */
function importsOf(path: string): string[] {
  const named = /(?:\bfrom|\bimport|\brequire\(|\bimport\()\s*'([^']+)'/g;
  return [...read(path).matchAll(named)].map((match) => match[1]!);
}

/** Top to bottom; names on one line may import each other. */
const layers: readonly (readonly string[])[] = [
  ['main.ts'],
  ['cli'],
  ['server'],
  ['pipelines'],
  ['index.ts'],
  ['reports'],
  ['datasets'],
  ['streams'],
  ['generate'],
  ['operators'],
  ['sinks'],
  ['models'],
  ['monitors'],
  ['records'],
  ['features'],
  ['windows'],
  ['config.ts', 'config', 'errors.ts', 'disk-error.ts', 'telemetry'],
  ['stats'],
];

function layerOf(path: string): number {
  const name = path.split('/')[1]!;
  return layers.findIndex((layer) => layer.includes(name));
}

test('every file of src belongs to a layer', () => {
  none(engine.filter((path) => layerOf(path) < 0));
});

test('imports point down the layers only', () => {
  const up = engine.flatMap((path) =>
    importsOf(path)
      .filter((name) => name.startsWith('.'))
      .map((name) => normalize(join(dirname(path), name)).replace(/\.js$/, '.ts'))
      .filter((target) => !target.startsWith('src/') || layerOf(target) < layerOf(path))
      .map((target) => `${path} imports ${target}`),
  );
  none(up);
});

test('statistics import nothing but simple-statistics', () => {
  const foreign = engine
    .filter((path) => path.startsWith('src/stats/'))
    .flatMap((path) =>
      importsOf(path)
        .filter((name) => !name.startsWith('./') && name !== 'simple-statistics')
        .map((name) => `${path} imports ${name}`),
    );
  none(foreign);
});

test("each vendor's client is imported in one file", () => {
  const vendors = ['@clickhouse/client', 'onnxruntime-node', 'chdb', 'kafkajs', 'ioredis'];
  const several = vendors.flatMap((vendor) => {
    const users = engine.filter((path) => importsOf(path).includes(vendor));
    return users.length > 1 ? [`${vendor}: ${users.join(', ')}`] : [];
  });
  none(several);
});

test('nothing is typed away', () => {
  const wildcard = /[:<|&]\s*any\b|\bas any\b|,\s*any\s*[>\]]|\bany\[\]/;
  none(lines(typescript, (line) => (wildcard.test(line) ? line.trim() : undefined), codeOnly));
});

test('nothing is left to be done in a comment', () => {
  const marks = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b`);
  const own = texts.filter((path) => path !== 'package-lock.json');
  none(lines(own, (line) => (marks.test(line) ? line.trim() : undefined)));
});

test('every error code is explained in docs/errors.md, and raised somewhere', () => {
  const explained = [...read('docs/errors.md').matchAll(/^\| `([a-z-]+)` \|/gm)].map((m) => m[1]!);
  assert.deepEqual(explained.toSorted(), Object.keys(errorKinds).toSorted());
  const raising = engine.filter((path) => path !== 'src/errors.ts').map(read);
  const unused = explained.filter((name) => !raising.some((text) => text.includes(`'${name}'`)));
  none(unused.map((name) => `${name} is raised nowhere`));
});

test('every metric is explained in docs/metrics.md', () => {
  const explained = [...read('docs/metrics.md').matchAll(/^\| `(weir_[a-z_]+)` \|/gm)];
  assert.deepEqual(explained.map((m) => m[1]!).toSorted(), Object.keys(metricTable).toSorted());
});

test('every dependency has its reason in docs/decisions.md', () => {
  const decisions = read('docs/decisions.md');
  const unexplained = [...Object.keys(dependencies())].filter(
    (name) => !decisions.includes(`\`${name}\``),
  );
  none(unexplained);
});

test('every dependency is used', () => {
  const users = [...code, 'package.json'].filter((path) => path !== 'test/tidy.test.ts');
  const corpus = users.map((path) => {
    // The line that pins it is not its use.
    return path === 'package.json' ? JSON.stringify(manifest().scripts) : read(path);
  });
  const commands: Readonly<Record<string, string>> = {
    '@biomejs/biome': 'biome ',
    typescript: 'tsc',
    c8: 'c8 ',
  };
  const overridden = Object.keys(manifest().overrides);
  const unused = Object.keys(dependencies()).filter((name) => {
    if (name === '@types/node' || overridden.includes(name)) return false;
    const command = commands[name];
    const use = command === undefined ? new RegExp(`['"/]${name}['"/]`) : new RegExp(command);
    return !corpus.some((text) => use.test(text));
  });
  none(unused);
});

test('no file has more than 400 lines', () => {
  const long = code.map((path) => ({ path, count: read(path).trimEnd().split('\n').length }));
  none(long.filter(({ count }) => count > 400).map(({ path, count }) => `${path}: ${count}`));
});

test('no line goes beyond 100 columns, quoted texts aside', () => {
  const wide = (line: string): string | undefined =>
    line.length > 100 ? `${line.length} columns` : undefined;
  none(lines(ending('.ts', '.js', '.mjs', '.css'), wide, withoutTexts));
});

test('files are named in kebab-case, Python modules and migrations as is usual there', () => {
  const forms: Readonly<Record<string, RegExp>> = {
    '.py': /^[a-z][a-z0-9_]*\.py$/,
    '.sql': /^\d{4}_[a-z][a-z0-9_]*\.sql$/,
    '.md': /^([A-Z]+|[a-z0-9]+(-[a-z0-9]+)*)\.md$/,
  };
  const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|schema|reference))?\.[a-z0-9]+$/;
  const named = files.filter((path) => extname(path) !== '' && !basename(path).startsWith('.'));
  none(named.filter((path) => !(forms[extname(path)] ?? kebab).test(basename(path))));
});

test('only src/index.ts exports what other modules make', () => {
  const others = engine.filter((path) => path !== 'src/index.ts');
  const reExport = /^export (?:type )?(?:\*|\{[^}]*\}) from /m;
  none(others.filter((path) => reExport.test(read(path))));
});

test('no path of one machine is written down', () => {
  const own = new RegExp(
    `(?<![\\w.$}/-])/(${['work', 'root', 'home', 'tmp'].join('|')})(?![\\w-])`,
  );
  const where = texts.filter((path) => path !== 'package-lock.json');
  none(lines(where, (line) => (own.test(line) ? line.trim() : undefined)));
});

test('links lead to public pages or to this machine', () => {
  const known = [
    '127\\.0\\.0\\.1',
    'localhost',
    '(weir|kafka|schema-registry|redis|clickhouse|prometheus|grafana)', // of docker-compose.yml
    '0\\.0\\.0\\.0',
    '([a-z]+\\.)?example(\\.org|\\.com)?',
    'www\\.w3\\.org',
    'biomejs\\.dev',
    'www\\.apache\\.org',
    'json-schema\\.org',
    'www\\.itl\\.nist\\.gov',
    'raw\\.githubusercontent\\.com',
    'github\\.com',
    '\\$\\{.*',
  ];
  const hosts = new RegExp(`^(${known.join('|')})$`);
  const foreign = lines(texts, (line) => {
    const links = [...line.matchAll(/\bhttps?:\/\/([^/:\s'"`)>\\]+)/g)].map((match) => match[1]!);
    const unknown = links.filter((host) => !hosts.test(host));
    return unknown.length === 0 ? undefined : unknown.join(', ');
  });
  // npm writes there where donations go; `resolved` is looked for by a test of its own.
  none(foreign.filter((line) => !line.startsWith('package-lock.json:')));
});

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly overrides: Readonly<Record<string, string>>;
}

function manifest(): Manifest {
  return JSON.parse(read('package.json')) as Manifest; // its keys are those of npm
}

/** All of package.json's, with their versions. */
function dependencies(): Readonly<Record<string, string>> {
  const { dependencies, devDependencies, optionalDependencies, overrides } = manifest();
  return { ...dependencies, ...devDependencies, ...optionalDependencies, ...overrides };
}

test('dependencies are pinned to one version', () => {
  const loose = Object.entries(dependencies()).filter(([, v]) => !/^\d+\.\d+\.\d+$/.test(v));
  none(loose.map(([name, version]) => `${name} ${version}`));
});

test('the lock file installs from any registry', () => {
  const lock = read('package-lock.json');
  none(lock.includes('"resolved"') ? ['package-lock.json names where packages came from'] : []);
  assert.match(lock, /"integrity": "sha512-/);
});

test('the lock file has every package that it names, those for other machines included', () => {
  interface Locked {
    readonly dependencies?: Readonly<Record<string, string>>;
    readonly optionalDependencies?: Readonly<Record<string, string>>;
  }
  const { packages } = JSON.parse(read('package-lock.json')) as {
    readonly packages: Readonly<Record<string, Locked>>; // its form since npm 7
  };
  const present = new Set(Object.keys(packages).map((path) => path.split('node_modules/').at(-1)));
  const missing = Object.entries(packages).flatMap(
    ([path, { dependencies, optionalDependencies }]) =>
      Object.keys({ ...dependencies, ...optionalDependencies })
        .filter((name) => !present.has(name))
        .map((name) => `${path} needs ${name}`),
  );
  none(missing);
});

test('data that is shipped is made up', () => {
  const data = ending('.ndjson', '.csv', '.gz', '.avro', '.parquet', '.zip');
  none(data.filter((path) => !path.startsWith('examples/')));
  // The generated world is Lisbon; check-ins that people really made in New York stay outside.
  const inNewYork = /"?lat"?:\s*40\.[4-9]\d*,\s*"?lng"?:\s*-7[34]\./;
  const where = texts.filter((path) => path !== 'test/tidy.test.ts');
  none(lines(where, (line) => (inNewYork.test(line) ? line.slice(0, 80) : undefined)));
});

test('the licence is Apache 2.0, in full', () => {
  const licence = read('LICENSE');
  assert.match(licence, /Apache License\s+Version 2\.0, January 2004/);
  assert.match(licence, /END OF TERMS AND CONDITIONS/);
});
