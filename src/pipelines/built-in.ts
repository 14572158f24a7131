import { pipeline } from '../streams/pipeline.js';
import { place, user } from './places.js';
import { placesDrift } from './places-drift.js';
import { ranker } from './places-ranker.js';

/** The pipelines that `--pipeline NAME` knows. */
export const builtInPipelines = [
  pipeline({ name: 'places', views: [user, place], models: [ranker], monitors: [placesDrift] }),
];
