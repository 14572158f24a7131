import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type FilesOutcome, filesTrial } from './files-trial.js';
import { expectedIds, openPlant, type PlantWorld } from './world.js';

const trials = 12;

let world: PlantWorld;
let whole: FilesOutcome;

before(async () => {
  world = await openPlant();
  whole = await filesTrial(world, null, 0);
});
after(() => world.close());

function idsIn(text: string, name: string): string[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line)[name]);
}

test('an uninterrupted run opens and closes two episodes with one event each', () => {
  const alerts = idsIn(whole.alerts, 'alert_id');
  assert.deepEqual(
    alerts,
    expectedIds.filter((id) => !id.endsWith('/retraining')),
  );
  assert.deepEqual(idsIn(whole.events, 'event_id'), ['watching/none/1', 'watching/none/2']);
});

test('wherever the process dies, the files have the same bytes in the end', async () => {
  let kills = 0;
  for (let seed = 1; seed <= trials; seed++) {
    const found = await filesTrial(world, seed, whole.calls);
    kills += found.kills;
    assert.equal(found.alerts, whole.alerts, `seed ${seed}`);
    assert.equal(found.events, whole.events, `seed ${seed}`);
  }
  assert.ok(kills >= trials);
});
