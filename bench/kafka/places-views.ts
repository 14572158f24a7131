import { place, user } from '../../src/pipelines/places.js';
import { pipeline } from '../../src/streams/pipeline.js';

/** `places` without models and monitors. */
export default pipeline({ name: 'places', views: [user, place] });
