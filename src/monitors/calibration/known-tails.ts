import type { Tail } from './tail.js';

/** Tails of common designs, 100000 runs each: written by test/proof/false-alarms-tails.ts. */
export const knownTails: Readonly<Record<string, Tail>> = {
  'v1 10000/1000/100/200 1of1 ks+psi+rank-sum seed 1': {
    start: 5.73764,
    slope: 0.957798,
    slopeError: 0.00361,
    runs: 100000,
  },
  'v1 10000/1000/100/200 2of3 ks+psi+rank-sum seed 1': {
    start: 4.9652,
    slope: 1.04285,
    slopeError: 0.00392,
    runs: 100000,
  },
};
