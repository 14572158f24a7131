import type { Tail } from './tail.js';

const tail = (start: number, slope: number, slopeError: number, runs: number): Tail => ({
  start,
  slope,
  slopeError,
  runs,
});

/** Tails of common designs: written by test/proof/false-alarms-tails.ts. */
export const knownTails: Readonly<Record<string, Tail>> = {
  'v1 10000/1000/100/200 1of1 ks+psi+rank-sum seed 1': tail(5.73764, 0.957798, 0.00361, 100000),
  'v1 10000/1000/100/200 2of3 ks+psi+rank-sum seed 1': tail(4.9652, 1.04285, 0.00392, 100000),
  'v1 10000/1000/1000/200 1of1 ks+psi+rank-sum seed 1': tail(6.46707, 1.02718, 0.0124, 10000),
  'v1 10000/1000/1000/200 2of3 ks+psi+rank-sum seed 1': tail(3.87797, 1.88591, 0.0229, 10000),
  'v1 10000/1000/500/200 1of1 ks+psi+rank-sum seed 1': tail(6.44254, 1.00247, 0.0121, 10000),
  'v1 1000/1000/100/200 1of1 ks+psi+rank-sum seed 1': tail(4.68855, 0.870071, 0.0101, 10000),
  'v1 2000/200/20/200 1of1 ks+psi+rank-sum seed 1': tail(5.75205, 0.942476, 0.0112, 10000),
  'v1 2000/200/20/200 2of3 ks+psi+rank-sum seed 1': tail(4.9616, 1.03717, 0.0123, 10000),
  'v1 2000/200/200/200 1of1 ks+psi+rank-sum seed 1': tail(6.47, 1.01449, 0.0122, 10000),
  'v1 2000/200/200/200 2of3 ks+psi+rank-sum seed 1': tail(3.88427, 1.86274, 0.0226, 10000),
  'v1 5000/1000/100/200 1of1 ks+psi+rank-sum seed 1': tail(5.61896, 0.943696, 0.0112, 10000),
  'v1 20000/1000/100/200 1of1 ks+psi+rank-sum seed 1': tail(5.77905, 0.959001, 0.0114, 10000),
  'v1 50000/1000/100/200 1of1 ks+psi+rank-sum seed 1': tail(5.82168, 0.970729, 0.0116, 10000),
  'v1 2000/1000/100/200 1of1 ks+psi+rank-sum seed 1': tail(5.2303, 0.901857, 0.0106, 10000),
};
