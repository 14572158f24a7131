import { createWorld } from '../../src/generate/world.js';
import { type MonitorOptions, monitor } from '../../src/monitors/definition.js';
import { place, user } from '../../src/pipelines/places.js';
import { placesDrift } from '../../src/pipelines/places-drift.js';
import { ranker } from '../../src/pipelines/places-ranker.js';
import { pipeline } from '../../src/streams/pipeline.js';

// Days 0 to 7 fill the windows of 7 days, 8 to 10 are captured, 11 is quiet, from 12 on prices
// drift.
export const captureFrom = 8;
export const capturePeriods = 3;
export const days = 16;
export const world = createWorld({
  seed: 5,
  users: 420,
  places: 260,
  disorder: 0.1,
  drifts: [{ name: 'prices', day: 12 }],
});

/** As in the pipeline, without what looks back 30 days. */
const shortFeatures = Object.fromEntries([
  ...Object.entries(placesDrift.features),
  ...user.definition.shape.features
    .filter(({ name }) => name.endsWith('_30d'))
    .map(({ name }) => [`user.${name}`, 'off']),
  ...['score', 'price_difference', 'user_mean_price_30d'].map((name) => [name, 'off']),
]) as NonNullable<MonitorOptions['features']>; // fromEntries forgets the literal
export const short = pipeline({
  name: 'short',
  views: [user, place],
  models: [ranker],
  monitors: [
    monitor({
      name: 'short',
      model: ranker.name,
      features: shortFeatures,
      expectations: [
        { test: 'schema', group: 'user', columns: ['rating', 'lat', 'device'] },
        { test: 'duplicates', group: 'place' },
      ],
    }),
  ],
});
