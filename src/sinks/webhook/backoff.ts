import { doubledWaitMs } from '../back-off.js';

const firstMs = 1_000;
const lastMs = 300_000;

/** How long to wait after so many failed attempts (from 1), ms: 1 s, doubled, up to 5 min. */
export function backoffMs(attempts: number): number {
  return doubledWaitMs(attempts - 1, firstMs, lastMs);
}
