import { place, user } from '../../src/pipelines/places.js';
import { ranker } from '../../src/pipelines/places-ranker.js';
import { pipeline } from '../../src/streams/pipeline.js';

/** `places` without monitors. */
export default pipeline({ name: 'places', views: [user, place], models: [ranker] });
