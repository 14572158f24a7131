import { pipeline } from '../streams/pipeline.js';
import { place, user } from './places.js';

/** The pipelines that `--pipeline NAME` knows. */
export const builtInPipelines = [pipeline({ name: 'places', views: [user, place] })];
