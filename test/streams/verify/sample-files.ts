import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReplayInput } from '../../../src/streams/ingest/replay-source.js';
import type { Pipeline } from '../../../src/streams/pipeline.js';

const start = Date.UTC(2024, 0, 1);
const minute = 60_000;

/**
 * Numbers from 0 to below 1, the same for every run (Lehmer 1951, multiplier of Park and Miller).
 */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/**
 * Inputs of `places`: few keys, half the times out of order, on pane edges or equal, tables that
 * say null.
 */
export function writeSampleFiles(directory: string, pipeline: Pipeline): ReplayInput[] {
  const random = seeded(7);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const timeOf = (i: number): number => {
    const ms = start + i * 40 * minute - (random() < 0.3 ? random() * 50 * minute : 0);
    return random() < 0.5 ? Math.floor(ms / (24 * minute)) * 24 * minute : Math.floor(ms);
  };
  const location = () => ({ lat: 40 + random(), lng: -73 - random() });
  const interaction = (i: number) => {
    const type = pick(['view', 'view', 'click', 'visit', 'rate', 'share']);
    return {
      user_id: pick([1, '1', '01', 'ü', '\\', "'", '\t', 12, 12, 12]),
      place_id: pick([100, '100', 'p/1', 200]),
      event_type: type,
      timestamp: iso(timeOf(i)),
      ...(type === 'rate' ? { rating: 1 + Math.floor(random() * 9) / 2 } : {}),
      ...(random() < 0.6 ? { context: { location: location() } } : {}),
    };
  };
  const update = (i: number) => ({
    place_id: pick([100, 'p/1', 200]),
    timestamp: iso(timeOf(i * 10) - (random() < 0.3 ? 3 * 24 * 60 * minute : 0)),
    updates: {
      ...(random() < 0.5 ? { category: pick(['bar', 'café', '～', '😀', null]) } : {}),
      ...(random() < 0.5 ? { price_level: pick([1, 2, 3, null]) } : {}),
      ...(random() < 0.5 ? { location: pick([location(), null]) } : {}),
    },
  });
  const files = {
    interactions: [lines(600, interaction), lines(600, interaction)],
    'place-updates': [lines(80, update)],
  };
  return Object.entries(files).flatMap(([topic, contents]) =>
    contents.map((content, partition) => {
      const path = join(directory, `${topic}-${partition}.ndjson`);
      writeFileSync(path, content);
      const topicIndex = pipeline.topics.findIndex((one) => one.topic === topic);
      return { topicIndex, partition, path };
    }),
  );
}

function lines(count: number, row: (i: number) => object): string {
  return Array.from({ length: count }, (_, i) => `${JSON.stringify(row(i))}\n`).join('');
}
