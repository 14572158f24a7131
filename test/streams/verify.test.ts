import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { place, user } from '../../src/pipelines/places.js';
import type { Clickhouse } from '../../src/sinks/clickhouse/client.js';
import { pipeline } from '../../src/streams/pipeline.js';
import { fillClickhouse } from '../../src/streams/verify/fill-clickhouse.js';
import { partLimits } from '../../src/streams/verify/parts.js';
import { type ViewVerification, verify } from '../../src/streams/verify.js';
import { type Running, skip, withEmbedded } from '../sinks/clickhouse/with-embedded.js';
import { writeSampleFiles } from './verify/sample-files.js';

const places = pipeline({ name: 'places', views: [user, place] });

describe('verify', { skip }, () => {
  let running: Running;
  let clickhouse: Clickhouse;
  let databases = 0;

  before(async () => {
    running = await withEmbedded();
  });
  beforeEach(async () => {
    clickhouse = running.client(`verify_${databases++}`);
    await fillClickhouse(clickhouse, {
      pipeline: places,
      inputs: writeSampleFiles(running.directory, places),
      nowMs: Date.UTC(2025, 0, 1),
      partitions: 3,
      latenessMs: 3_600_000,
      disorderMs: 60_000,
      progress: () => {},
    });
  });
  after(() => running.end());

  const verified = (
    sample: number | null,
    limits = partLimits,
  ): Promise<readonly ViewVerification[]> =>
    verify({ clickhouse, views: places.views, sample, settleMs: 0, limits, progress: () => {} });
  const of = async (view: string): Promise<ViewVerification> =>
    (await verified(null)).find((one) => one.view === view)!;
  /** Without the mean errors: sums are taken in another order each time. */
  const counts = (views: readonly ViewVerification[]) =>
    views.map(({ view, vectors, features }) => {
      return [view, vectors.equal, features.map(({ feature, equal }) => [feature, equal])];
    });
  /** Waits until the change is made, so that the next statement sees it. */
  const change = (sql: string): Promise<void> =>
    clickhouse.command(`${sql} SETTINGS mutations_sync = 2`);
  const countOf = async (table: string): Promise<number> =>
    (await clickhouse.rows<{ n: number }>(`SELECT count() AS n FROM ${table} FINAL`))[0]!.n;

  test('every vector that the engine stored is what its events say', async () => {
    const used = await countOf('events_interactions');
    assert.ok(used > 1_000);
    for (const view of await verified(null)) {
      assert.deepEqual(view.differences, []);
      assert.ok(view.isEqual);
      assert.equal(view.vectors.equal, used);
      assert.deepEqual(view.omitted, []);
      assert.ok(view.features.every(({ equal }) => equal === used));
    }
  });

  test('work cut into small parts, busy keys too, gives the same', async () => {
    // The busiest user has half of the 1,200 events: its 360,000 pairs make four parts.
    const small = { pairs: 100_000, events: 400, asked: 400 };
    assert.deepEqual(counts(await verified(null, small)), counts(await verified(null)));
  });

  test('a sample has about as many vectors as asked for, and always the same', async () => {
    const [first, again] = [await verified(100), await verified(100)];
    assert.deepEqual(
      first.map(({ vectors }) => vectors.equal),
      [100, 100],
    );
    assert.deepEqual(counts(first), counts(again));
  });

  test('a changed value is a mismatch of its feature, and only of it', async () => {
    const where = "key = '12' AND offset % 7 = 0";
    const [{ n } = { n: 0 }] = await clickhouse.rows<{ n: number }>(
      `SELECT count() AS n FROM vectors_user WHERE ${where}`,
    );
    await change(`ALTER TABLE vectors_user UPDATE views_7d = views_7d + 1 WHERE ${where}`);
    const { features, vectors, differences, isEqual } = await of('user');
    assert.ok(n > 10);
    assert.equal(isEqual, false);
    assert.equal(vectors.mismatch, n);
    assert.deepEqual(
      features.filter(({ equal }) => equal !== vectors.equal + n).map((one) => one.feature),
      ['views_7d'],
    );
    assert.equal(differences.length, 2);
    const [first] = differences;
    assert.deepEqual([first!.outcome, first!.key], ['mismatch', '12']);
    assert.equal(Number(first!.stored), Number(first!.recomputed) + 1);
    assert.ok((await of('place')).isEqual);
  });

  test('a list, a text and a time that were changed are found', async () => {
    await change(
      `ALTER TABLE vectors_place UPDATE busy_days = arrayReverse(busy_days), category = 'gym' WHERE offset = 300`,
    );
    await change(
      'ALTER TABLE vectors_user UPDATE last_activity = addMilliseconds(last_activity, 1), visited_categories = [] WHERE offset = 300',
    );
    const placeView = await of('place');
    const wrong = (view: ViewVerification): string[] =>
      view.features.filter(({ equal }) => equal < view.vectors.equal + 2).map((f) => f.feature);
    assert.deepEqual(wrong(placeView), ['busy_days', 'category']);
    assert.deepEqual(wrong(await of('user')), ['last_activity', 'visited_categories']);
  });

  test('a vector that is gone is missing, one without an event is extra', async () => {
    const all = await countOf('vectors_user');
    await change('ALTER TABLE vectors_user DELETE WHERE partition = 0 AND offset < 5');
    const gone = all - (await countOf('vectors_user'));
    await clickhouse.command(
      "INSERT INTO vectors_user SELECT * REPLACE ('nobody' AS key) FROM vectors_user WHERE partition = 1 AND offset < 3",
    );
    const extra = (await countOf('vectors_user')) - (all - gone);
    const { vectors, features } = await of('user');
    assert.ok(gone > 0 && extra > 0);
    assert.deepEqual([vectors.missing, vectors.extra, vectors.mismatch], [gone, extra, 0]);
    assert.ok(features.every((one) => one.missing === gone && one.extra === extra));
  });

  test('vectors of another definition are left alone', async () => {
    await clickhouse.command(
      "INSERT INTO vectors_user SELECT * REPLACE ('other' AS key, 'ffffffffffffffff' AS definition) FROM vectors_user",
    );
    assert.ok((await of('user')).isEqual);
  });

  test('a database without events is refused', async () => {
    await change('ALTER TABLE events_interactions DELETE WHERE 1');
    await assert.rejects(verified(null), { code: 'input-missing' });
  });
});
