import assert from 'node:assert/strict';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadPipeline } from '../../src/cli/load-pipeline.js';
import { WeirError } from '../../src/errors.js';
import { pipeline } from '../../src/streams/pipeline.js';
import { differences, directoryContents } from '../kills/directory-contents.js';
import { type Setting, setting, stopAfter } from './replay-setting.js';

interface Unfinished extends Setting {
  readonly out: string;
  readonly expected: ReadonlyMap<string, string>;
  readonly sameAsUndisturbed: () => void;
}

/** A replay stopped in its middle, and what an undisturbed one leaves. */
async function unfinished(t: TestContext): Promise<Unfinished> {
  const base = await setting(t);
  const whole = join(base.directory, 'whole');
  await base.run(whole);
  const out = join(base.directory, 'out');
  await stopAfter(base.run, out, 1_200);
  const expected = directoryContents(whole);
  const sameAsUndisturbed = () =>
    assert.deepEqual(differences(expected, directoryContents(out)), []);
  return { ...base, out, expected, sameAsUndisturbed };
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at]! ^= 0xff;
  writeFileSync(path, bytes);
}

function snapshots(out: string): string[] {
  const directory = join(out, '.weir', 'snapshots');
  return readdirSync(directory)
    .sort()
    .map((name) => join(directory, name));
}

function segment(out: string, log: string): string {
  const directory = join(out, '.weir', 'logs', log);
  return join(directory, readdirSync(directory).sort().at(-1)!);
}

function refusal(code: string, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof WeirError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /\n/);
    return true;
  };
}

test('a stopped run goes on to the same bytes, with another frame size too', async (t) => {
  const { run, out, sameAsUndisturbed, directory } = await unfinished(t);
  const copy = join(directory, 'copy');
  cpSync(out, copy, { recursive: true, verbatimSymlinks: true });
  await run(out);
  sameAsUndisturbed();
  rmSync(out, { recursive: true });
  cpSync(copy, out, { recursive: true, verbatimSymlinks: true });
  await run(out, { batchRecords: 33 });
  sameAsUndisturbed();
});

test('a run stopped at its first and at its last batch goes on to the same bytes', async (t) => {
  const { run, directory, expected } = await unfinished(t);
  for (const [name, at] of [
    ['first', 1],
    ['last', Number.POSITIVE_INFINITY],
  ] as const) {
    const out = join(directory, name);
    const report = JSON.parse(readFileSync(join(directory, 'whole/accounts.json'), 'utf8'));
    const all = Object.values(report as Record<string, { in: number }>);
    const total = all.reduce((sum, one) => sum + one.in, 0);
    await stopAfter(run, out, Math.min(at, total));
    await run(out);
    assert.deepEqual(differences(expected, directoryContents(out)), [], name);
  }
});

test('with the newest snapshot damaged the one before it serves, and a warning says so', async (t) => {
  const { run, out, sameAsUndisturbed } = await unfinished(t);
  const newest = snapshots(out).at(-1)!;
  flip(newest, statSync(newest).size - 5);
  const warnings: string[] = [];
  await run(out, { warn: (message) => warnings.push(message) });
  assert.equal(warnings.length, 1);
  assert.ok(warnings[0]!.startsWith(`${newest}: its part `));
  sameAsUndisturbed();
});

test('with no sound snapshot it is refused, and --reset starts over', async (t) => {
  const { run, out, sameAsUndisturbed } = await unfinished(t);
  for (const path of snapshots(out)) flip(path, 40);
  await assert.rejects(
    run(out),
    refusal('snapshot-corrupt', /its header does not match its checksum; start over with --reset$/),
  );
  await run(out, { reset: true });
  sameAsUndisturbed();
});

test('a segment damaged in its middle is refused, and --reset starts over', async (t) => {
  for (const log of ['user.0', 'refused.0', 'place.3']) {
    const { run, out, sameAsUndisturbed } = await unfinished(t);
    flip(segment(out, log), 30);
    await assert.rejects(
      run(out),
      refusal('segment-corrupt', /is damaged at byte 0 .*or start over with --reset$/),
    );
    await run(out, { reset: true });
    sameAsUndisturbed();
  }
});

test('what a crash left half written at a log’s end is cut off without a word', async (t) => {
  const { run, out, sameAsUndisturbed } = await unfinished(t);
  appendFileSync(segment(out, 'user.1'), Buffer.from([0xf5, 0x77, 0x65, 0x69, 1, 2, 3]));
  truncateSync(segment(out, 'place.2'), statSync(segment(out, 'place.2')).size - 9);
  const warnings: string[] = [];
  await run(out, { warn: (message) => warnings.push(message) });
  assert.deepEqual(warnings, []);
  sameAsUndisturbed();
});

test('a log that lost its segments costs nothing that the inputs do not have', async (t) => {
  const { run, out, sameAsUndisturbed } = await unfinished(t);
  rmSync(segment(out, 'user.2'));
  await run(out);
  sameAsUndisturbed();
});

test('a gap that a power cut left in the logs is refused where a recovery would need it', async (t) => {
  const { run, out, sameAsUndisturbed } = await unfinished(t);
  const newest = snapshots(out).at(-1)!;
  for (const log of readdirSync(join(out, '.weir', 'logs'))) rmSync(segment(out, log));
  await stopAfter(run, out, 1_400, { snapshotEveryMs: 1e9 });
  flip(newest, 40);
  await assert.rejects(
    run(out),
    refusal('segment-corrupt', /^batch \d+ is not in every log: .* start over with --reset$/),
  );
  await run(out, { reset: true });
  sameAsUndisturbed();
});

test('logs without a snapshot are nobody’s: the run starts over', async (t) => {
  const { run, out, sameAsUndisturbed } = await unfinished(t);
  rmSync(join(out, '.weir', 'snapshots'), { recursive: true });
  await run(out);
  sameAsUndisturbed();
});

test('outputs cut or lost behind an unfinished run’s back are refused', async (t) => {
  const { run, out, sameAsUndisturbed } = await unfinished(t);
  truncateSync(join(out, 'vectors.ndjson'), 100);
  await assert.rejects(
    run(out),
    refusal('output-changed', /vectors\.ndjson: expected the \d+ bytes .* found 100; .*--reset$/),
  );
  rmSync(join(out, 'vectors.ndjson'));
  await assert.rejects(run(out), refusal('output-changed', /found 0; .*--reset$/));
  await run(out, { reset: true });
  sameAsUndisturbed();
});

test('lines that came to the outputs behind a crash are cut off', async (t) => {
  const { run, out, sameAsUndisturbed } = await unfinished(t);
  for (const name of ['vectors', 'latest', 'dead-letters', 'alerts'])
    appendFileSync(join(out, `${name}.ndjson`), '{"half":');
  writeFileSync(join(out, 'accounts.json.new'), '{');
  await run(out);
  sameAsUndisturbed();
});

test('an unfinished run is refused to other settings, which are named', async (t) => {
  const { run, out, sameAsUndisturbed } = await unfinished(t);
  const remedy = 'finish it with the arguments it was started with, or start over with --reset';
  const cases = [
    [{ partitions: 2 }, '--partitions was 4, is 2'],
    [{ disorderMs: 5_000 }, '--disorder was 60000 ms, is 5000 ms'],
    [{ nowMs: null }, '--now was 2026-01-01T00:00:00.000Z, is not given'],
  ] as const;
  for (const [change, what] of cases) {
    const refused = refusal('definition-changed', new RegExp(`\\(${what}\\); ${remedy}$`));
    await assert.rejects(run(out, change), refused);
  }
  await run(out);
  sameAsUndisturbed();
});

test('an unfinished run is refused to a changed pipeline and to a changed input', async (t) => {
  const { run, out, words, sameAsUndisturbed } = await unfinished(t);
  const places = await loadPipeline('places');
  const [user] = places.views;
  const other = pipeline({ name: 'places', views: [{ definition: user! } as never] });
  await assert.rejects(
    run(out, { pipeline: other }),
    refusal('definition-changed', /\(pipeline was places of definition .* --reset$/),
  );
  const input = words[0]!.slice(words[0]!.indexOf('=') + 1);
  const size = statSync(input).size;
  appendFileSync(input, '\n');
  await assert.rejects(
    run(out),
    refusal(
      'definition-changed',
      new RegExp(`with ${size} bytes, is .* with ${size + 1} bytes\\)`),
    ),
  );
  truncateSync(input, size);
  await run(out);
  sameAsUndisturbed();
});

test('another start over the same directory is refused while one runs, --reset included', async (t) => {
  const { run, out, sameAsUndisturbed } = await unfinished(t);
  const tried: Promise<void>[] = [];
  const progress = (): void => {
    if (tried.length > 0) return;
    const locked = refusal('data-dir-locked', /is in use by process \d+: stop it/);
    for (const reset of [false, true]) tried.push(assert.rejects(run(out, { reset }), locked));
  };
  await run(out, { progress });
  await Promise.all(tried);
  assert.equal(tried.length, 2);
  sameAsUndisturbed();
});

test('what a kill left of a finished run does no harm', async (t) => {
  const { run, out, sameAsUndisturbed } = await unfinished(t);
  mkdirSync(join(out, '.weir-finished', 'logs'), { recursive: true });
  writeFileSync(join(out, '.weir-finished', 'weir.json'), '{"format":1}');
  await run(out);
  sameAsUndisturbed();
  mkdirSync(join(out, '.weir-finished', 'logs'), { recursive: true });
  await run(out);
  sameAsUndisturbed();
});

test('a new run over a finished one takes the old account away at once', async (t) => {
  const { run, directory } = await setting(t, 600);
  const out = join(directory, 'out');
  await run(out);
  assert.ok(existsSync(join(out, 'accounts.json')));
  await stopAfter(run, out, 100);
  assert.ok(!existsSync(join(out, 'accounts.json')));
});

test('the report holds what the files hold', async (t) => {
  const { run, directory } = await setting(t, 600);
  const out = join(directory, 'out');
  await stopAfter(run, out, 300);
  const { records, accounts, outputs, seconds } = await run(out);
  assert.deepEqual(accounts, JSON.parse(readFileSync(join(out, 'accounts.json'), 'utf8')));
  const total = Object.values(accounts).reduce((sum, account) => sum + account.in, 0);
  assert.equal(records, total);
  const sizes = readdirSync(out).map((name) => [name, statSync(join(out, name)).size]);
  assert.deepEqual(outputs, Object.fromEntries(sizes));
  assert.ok(seconds > 0);
});
