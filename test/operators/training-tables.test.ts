import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { dayOf } from '../../src/generate/day-of.js';
import { dayMs } from '../../src/generate/options.js';
import { createWorld } from '../../src/generate/world.js';
import { trainingRows } from '../../src/monitors/training-rows.js';
import type { Step } from '../../src/operators/step.js';
import { trainingTables } from '../../src/operators/training-tables.js';
import { place, user } from '../../src/pipelines/places.js';
import { ranker } from '../../src/pipelines/places-ranker.js';
import type { Score } from '../../src/records/score.js';
import { type Clickhouse, createClickhouse } from '../../src/sinks/clickhouse/client.js';
import { prepareTables } from '../../src/sinks/clickhouse/prepare-tables.js';
import { createClickhouseSink } from '../../src/sinks/clickhouse/sink.js';
import { noModels } from '../../src/streams/load-models.js';
import { pipeline } from '../../src/streams/pipeline.js';
import { createWorldRun, runDays } from '../proof/world-run.js';
import { serverFor } from '../servers.js';
import { type Running, skip, withEmbedded } from '../sinks/clickhouse/with-embedded.js';

// The query runs on a real ClickHouse. What it must give is recomputed here from the records as
// they were generated: every outcome is held against every scored event.

const world = createWorld({ seed: 5, users: 40, places: 30, disorder: 0, late: 0, broken: 0 });
const days = 6;
const at = (day: number): number => world.options.startMs + day * dayMs;
const horizonMs = 24 * 3_600_000;
const shop = pipeline({ name: 'shop', views: [user, place], models: [ranker], monitors: [] });
/** No place for a name that is not quoted. */
const database = 'weir rows';

interface Happened {
  readonly id: string;
  readonly timeMs: number;
  readonly user: string;
  readonly place: string;
  readonly isScored: boolean;
  readonly isOutcome: boolean;
}

function happenings(): readonly Happened[] {
  const records = Array.from({ length: days }, (_, day) => [...dayOf(world, day)]).flat();
  return records.flatMap(({ topic, partition, offset, line }) => {
    if (topic !== 'interactions') return [];
    const event = JSON.parse(line.toString());
    const what: string = event.event_type;
    return {
      id: `interactions/${partition}/${offset}`,
      timeMs: Date.parse(event.timestamp),
      user: String(event.user_id),
      place: String(event.place_id),
      isScored: what === 'view' || what === 'click',
      isOutcome: what === 'visit' || (what === 'rate' && event.rating >= 3),
    };
  });
}

const all = happenings();
const isRescored = (timeMs: number): boolean => timeMs >= at(1) && timeMs < at(3);
const isOfOldVersion = (timeMs: number): boolean => timeMs < at(0) + 6 * 3_600_000;

/** Rows as tuples: id, time, version, key, item, label, the distance. */
function naive(fromMs: number, toMs: number, scores: ReadonlyMap<string, Score>) {
  const scored = all.filter((one) => one.isScored && one.timeMs >= fromMs);
  const mature = scored.filter((one) => one.timeMs + horizonMs < toMs);
  const known = mature.filter((one) => !isOfOldVersion(one.timeMs));
  const rows = known.map((one) => {
    const label = all.some(
      (then) =>
        then.isOutcome &&
        then.user === one.user &&
        then.place === one.place &&
        then.timeMs > one.timeMs &&
        then.timeMs <= one.timeMs + horizonMs,
    );
    const version = isRescored(one.timeMs) ? '2' : '1';
    const distance = scores.get(one.id)!.inputs.distance_km as number | null; // a numeric input
    const { id, timeMs, user: key, place: item } = one;
    return [id, timeMs, version, key, item, label ? 1 : 0, distance] as const;
  });
  return rows.sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1));
}

async function fill(clickhouse: Clickhouse): Promise<ReadonlyMap<string, Score>> {
  const views = shop.views.map(({ shape }) => shape);
  await prepareTables(clickhouse, views, shop.topics);
  const sink = createClickhouseSink(clickhouse, { views, topics: shop.topics });
  const scores = new Map<string, Score>();
  const written: Promise<void>[] = [];
  const onStep = (step: Step): void => {
    // Events twice, as after a rebuild.
    for (const epoch of [0, 1]) written.push(sink.events(step.batch, epoch));
    const made = step.scores.map(({ score }) => ({ ...score, version: '1' }));
    for (const one of made) scores.set(one.requestId, one);
    written.push(sink.scores(made.map(asWritten)), sink.scores(made.flatMap(otherwise)));
  };
  const run = createWorldRun({ pipeline: shop, loaded: noModels, onStep });
  await runDays(run, world, 0, days);
  await Promise.all(written);
  await sink.close();
  return scores;
}

/** One of an old version had another list of inputs. */
function asWritten(score: Score): Score {
  if (!isOfOldVersion(score.timeMs)) return score;
  const { distance_km: _, ...inputs } = score.inputs;
  return { ...score, version: '0', inputs };
}

/** What must not be mixed in: another arm, another model, and what a rebuild superseded. */
function otherwise(score: Score): Score[] {
  const wrong = { ...score, inputs: { ...score.inputs, distance_km: -1 } };
  const { n } = score.position;
  const position = { epoch: 1, n };
  const challenger = { ...wrong, arm: 'challenger', position: { epoch: 2, n } };
  const other = { ...wrong, model: 'other', position: { epoch: 2, n } };
  if (!isRescored(score.timeMs)) return [challenger, other];
  const again = { ...score, version: '2', position };
  return [challenger, other, again];
}

const targets = [
  { name: 'embedded', skip, url: null },
  { name: 'server', skip: serverFor('clickhouse') === null, url: serverFor('clickhouse') },
] as const;

for (const target of targets) {
  describe(`the rows to train on, in ClickHouse (${target.name})`, { skip: target.skip }, () => {
    let running: Running | null = null;
    let filled: Clickhouse;
    /** In another database: the query names its own. */
    let elsewhere: Clickhouse;
    let scores: ReadonlyMap<string, Score>;
    before(async () => {
      running = target.url === null ? await withEmbedded() : null;
      const url = target.url ?? running!.embedded.url;
      filled = createClickhouse({ url, database });
      elsewhere = createClickhouse({ url, database: 'default' });
      scores = await fill(filled);
    });
    after(async () => {
      await elsewhere.command(`DROP DATABASE \`${database}\``);
      await filled.close();
      await elsewhere.close();
      await running?.end();
    });

    const tables = trainingTables(ranker, database);
    const rowsOf = async (query: string) => elsewhere.rows<Record<string, unknown>>(query);
    const tuples = (rows: readonly Record<string, unknown>[]) =>
      rows.map((row) => {
        const timeMs = Date.parse(`${String(row.time).replace(' ', 'T')}Z`);
        const { request_id, version, key, item, label } = row;
        return [request_id, timeMs, version, key, item, label, row['inputs.distance_km']];
      });

    test('each is an event with the label that what came after it gives', async () => {
      const { query, fromMs, toMs } = trainingRows(tables, at(5), 6);
      const found = await rowsOf(query);
      const expected = naive(fromMs, toMs, scores);
      assert.deepEqual(tuples(found), expected);
      const positives = expected.filter((row) => row[5] === 1).length;
      assert.ok(positives > 20 && positives < expected.length / 2, `${positives}`);
      const columns = ['request_id', 'time', 'version', 'key', 'item', 'label'];
      const inputs = ranker.inputs.map(({ name }) => `inputs.${name}`);
      assert.deepEqual(Object.keys(found[0]!), [...columns, ...inputs]);
      for (const row of found.slice(0, 50)) {
        const { inputs: given } = scores.get(String(row.request_id))!;
        for (const { name } of ranker.inputs) assert.equal(row[`inputs.${name}`], given[name]);
      }
    });

    test('a window leaves out what lies before it, and full does not', async () => {
      const from = new Date(at(2));
      const toMs = Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1, from.getUTCDate());
      const sliding = trainingRows(tables, toMs, 1);
      assert.equal(sliding.fromMs, at(2));
      assert.deepEqual(tuples(await rowsOf(sliding.query)), naive(at(2), toMs, scores));
      const full = trainingRows(tables, toMs, 1, 'full');
      assert.deepEqual(tuples(await rowsOf(full.query)), naive(0, toMs, scores));
    });

    test('weighted rows weigh half as much a quarter of the window earlier', async () => {
      const { query, fromMs, toMs } = trainingRows(tables, at(5), 1, 'weighted');
      const rows = await rowsOf(query);
      assert.deepEqual(tuples(rows), naive(fromMs, toMs, scores));
      for (const [i, [, timeMs]] of tuples(rows).entries()) {
        const age = (toMs - (timeMs as number)) / ((toMs - fromMs) / 4);
        assert.ok(Math.abs((rows[i]!.weight as number) - 2 ** -age) < 1e-5);
      }
    });
  });
}

test('the same asked twice is the same text; names and texts cannot break out of it', () => {
  const strange = { ...ranker, name: "a' OR '\\", inputs: [{ ...ranker.inputs[0]!, name: "`'" }] };
  const [one, two] = [0, 1].map(() => trainingRows(trainingTables(strange, 'd`b'), at(5), 6).query);
  assert.equal(one, two);
  assert.match(one!, /FROM `d\\`b`\.`scores` FINAL\n\s+WHERE model = 'a\\' OR \\'\\\\' AND arm/);
  assert.match(one!, /s\.inputs\['`\\''\] AS `inputs\.\\`'`/);
});

test('a model without a label has rows without one, up to the end', () => {
  const { query } = trainingRows(trainingTables({ ...ranker, label: null }, 'weir'), at(5), 6);
  assert.doesNotMatch(query, /label|JOIN \(\s+SELECT `key`/);
  assert.match(
    query,
    new RegExp(`time < parseDateTime64BestEffort\\('${new Date(at(5)).toISOString()}`),
  );
});
