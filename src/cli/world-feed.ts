import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WeirError } from '../errors.js';
import { effectOf } from '../generate/drifts.js';
import { dayMs, type WorldOptions } from '../generate/options.js';
import { recordsAfter } from '../generate/records-from.js';
import { createWorld } from '../generate/world.js';
import type { SourceInfo } from '../server/running-engine.js';
import type { EngineSettings } from '../streams/live/engine.js';
import { replaceFile } from '../streams/live/replace-file.js';

export interface WorldFeed {
  readonly feed: EngineSettings['feed'];
  readonly history: NonNullable<SourceInfo['history']>;
  readonly planted: SourceInfo['planted'];
}

/**
 * The generator as a feed that began `days` before the first start. What it is made of stays with
 * the data directory, so that a restart goes on in the same world.
 * @throws WeirError definition-changed
 */
export function worldFeed(
  directory: string,
  days: number,
  options: Partial<WorldOptions>,
): WorldFeed {
  const path = join(directory, 'world.json');
  const today = Math.floor(Date.now() / dayMs) * dayMs;
  const kept: { days: number; startMs: number; options: unknown } | null = existsSync(path)
    ? JSON.parse(readFileSync(path, 'utf8'))
    : null;
  const given = JSON.parse(JSON.stringify(options));
  if (
    kept !== null &&
    (kept.days !== days || JSON.stringify(kept.options) !== JSON.stringify(given))
  ) {
    throw new WeirError(
      'definition-changed',
      `${path}: the data directory holds another generated world than the settings describe; start with the former settings, or give another directory with --data`,
    );
  }
  const startMs = kept?.startMs ?? today - days * dayMs;
  const world = createWorld({ ...options, startMs });
  if (kept === null) replaceFile(path, JSON.stringify({ days, startMs, options: given }));
  return {
    feed: (nextOffset) =>
      recordsAfter(world, (topic, partition) => {
        const next = nextOffset(topic, partition);
        return next === 0 ? undefined : next - 1;
      }),
    history: { startMs, days },
    planted: world.options.drifts.map((drift) => ({
      name: drift.name,
      timeMs: startMs + drift.day * dayMs,
      effect: effectOf(drift),
    })),
  };
}
