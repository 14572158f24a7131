import type { ReferenceContent } from '../../src/monitors/reference.js';
import { dayMs } from './simulation.js';

/** Three samples of one text, over one day. */
export const smallReference: ReferenceContent = {
  monitor: 'drift',
  model: 'ranker',
  modelVersion: '1',
  periodMs: dayMs,
  createdFrom: 'a test',
  fromMs: 0,
  toMs: dayMs,
  features: [
    {
      name: 'a',
      windowMs: 0,
      bins: { kind: 'categorical', values: ['x'] },
      n: 3,
      counts: [3, 0, 0],
      seasons: null,
      segments: [],
    },
  ],
  figures: [],
  covariates: [],
};
