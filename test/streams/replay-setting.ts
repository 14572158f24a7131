import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { parseInputs } from '../../src/cli/inputs.js';
import { loadPipeline } from '../../src/cli/load-pipeline.js';
import { noModels } from '../../src/streams/load-models.js';
import { type ReplayReport, type ReplayRun, replay } from '../../src/streams/replay.js';
import { generatedInputs } from '../kills/generated-inputs.js';

export const clock = '2026-01-01T00:00:00Z';

/** A directory of the test's own, removed when it ends. */
export function scratch(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'weir-replay-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export interface Setting {
  readonly directory: string;
  /** Words of --input. */
  readonly words: readonly string[];
  /** Replays in this process, without models, with a snapshot after every batch of 256 records. */
  readonly run: (out: string, change?: Partial<ReplayRun>) => Promise<ReplayReport>;
}

/** Generated files of `places` with every fault, and a replay of them. */
export async function setting(t: TestContext, events = 2_000): Promise<Setting> {
  const directory = scratch(t);
  const words = generatedInputs(join(directory, 'input'), { events, seed: 3 });
  const pipeline = await loadPipeline('places');
  const run = (out: string, change: Partial<ReplayRun> = {}): Promise<ReplayReport> =>
    replay({
      pipeline,
      inputs: parseInputs(words, pipeline),
      out,
      nowMs: Date.parse(clock),
      models: noModels,
      partitions: 4,
      batchRecords: 256,
      latenessMs: 3_600_000,
      disorderMs: 60_000,
      reset: false,
      snapshotEveryMs: 0,
      progress: () => {},
      warn: () => {},
      ...change,
    });
  return { directory, words, run };
}

const stopped = 'stopped by the test';

/** Stops a replay after `records` as a crash would: nothing is flushed, no snapshot is taken. */
export async function stopAfter(
  run: Setting['run'],
  out: string,
  records: number,
  change: Partial<ReplayRun> = {},
): Promise<void> {
  const progress = (taken: number): void => {
    if (taken >= records) throw new Error(stopped);
  };
  try {
    await run(out, { ...change, progress });
  } catch (error) {
    if (error instanceof Error && error.message === stopped) return;
    throw error;
  }
  throw new Error(`the replay ended before ${records} records`);
}
