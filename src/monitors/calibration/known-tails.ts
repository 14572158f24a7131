import type { Tail } from './tail.js';

/** Tails of common designs, from 100,000 runs each. */
export const knownTails: Readonly<Record<string, Tail>> = {};
