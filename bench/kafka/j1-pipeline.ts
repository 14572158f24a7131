import { j1 } from '../../src/pipelines/j1.js';
import { pipeline } from '../../src/streams/pipeline.js';

/** J1 alone: 24 values over four windows per user. */
export default pipeline({ name: 'j1', views: [j1] });
