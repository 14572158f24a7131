import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { Tail } from './tail.js';

/** Keeps tails between processes; never needed, since a tail can be simulated again. */
export interface TailStore {
  read(key: string): Tail | undefined;
  write(key: string, tail: Tail): void;
}

const tails = z.record(
  z.string(),
  z.strictObject({
    start: z.number(),
    slope: z.number(),
    slopeError: z.number(),
    runs: z.number(),
  }),
);

const TAILS_MAX = 1000;

/** Tails in a JSON file. One that is missing, broken or cannot be written costs time, not truth. */
export function createFileTailStore(path: string): TailStore {
  const load = (): Record<string, Tail> => {
    try {
      return tails.parse(JSON.parse(readFileSync(path, 'utf8')));
    } catch {
      return {};
    }
  };
  return {
    read: (key) => load()[key],
    write: (key, tail) => {
      const kept = Object.entries(load()).slice(1 - TAILS_MAX);
      const part = `${path}.${process.pid}.part`;
      try {
        writeFileSync(part, `${JSON.stringify({ ...Object.fromEntries(kept), [key]: tail })}\n`);
        renameSync(part, path);
      } catch {
        // The next process simulates again.
      }
    },
  };
}
