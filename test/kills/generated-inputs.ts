import { createWorld } from '../../src/generate/world.js';
import { writeWorld } from '../../src/generate/write-world.js';

/** Writes generated files with every fault to `directory`; gives the words of `--input`. */
export function generatedInputs(
  directory: string,
  { events, seed }: { readonly events: number; readonly seed: number },
): string[] {
  const faults = { disorder: 0.2, late: 0.01, broken: 0.01 };
  const size = { users: 600, places: 600, partitions: 3 };
  const world = createWorld({ seed, ...size, ...faults });
  const { files } = writeWorld(world, { events }, directory, { gzip: false, onDay: () => {} });
  return files.map(({ topic, name }) => `${topic}=${directory}/${name}`);
}
