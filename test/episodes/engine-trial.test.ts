import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type EngineOutcome, engineTrial } from './engine-trial.js';
import { expectedIds, openPlant, type PlantWorld } from './world.js';

const trials = 12;

let world: PlantWorld;
let whole: EngineOutcome;

before(async () => {
  world = await openPlant();
  whole = await engineTrial(world, null, 0);
});
after(() => world.close());

test('an uninterrupted engine tells each episode once, to tables and the webhook', () => {
  const { rows, posted, state } = JSON.parse(whole.told);
  const ids = rows.map(([id]: [string]) => id);
  assert.deepEqual(ids.toSorted(), [...expectedIds, 'watching/none/1/done'].toSorted());
  assert.deepEqual(posted, expectedIds.toSorted());
  const [{ past, retrainings, mutes }] = state;
  assert.deepEqual(
    past.map(({ id, acknowledged }: { id: string; acknowledged: { note: string } | null }) => [
      id,
      acknowledged?.note ?? null,
    ]),
    [
      ['watching/none/2', null],
      ['watching/none/1', 'seen'],
    ],
  );
  assert.deepEqual(
    retrainings.map(({ status }: { status: string }) => status),
    ['due', 'done'],
  );
  assert.equal(mutes.length, 1);
});

test('wherever the engine dies, the same is told in the end, nothing of it twice', async () => {
  let kills = 0;
  for (let seed = 1; seed <= trials; seed++) {
    const found = await engineTrial(world, seed, whole.calls);
    kills += found.kills;
    assert.equal(found.told, whole.told, `seed ${seed}`);
  }
  assert.ok(kills >= trials);
});
