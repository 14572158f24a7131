import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { replay } from '../../src/streams/replay.js';
import { seeded } from '../monitors/simulation.js';
import { dropLocks, Killed, MortalDisk } from './mortal-disk.js';
import { endMs, type PlantWorld, plant } from './world.js';

/** What a run left for others. */
export interface FilesOutcome {
  /** Times that the process died. */
  readonly kills: number;
  /** Calls of the last life. */
  readonly calls: number;
  readonly alerts: string;
  readonly events: string;
}

/** Replays the world into files; the process dies where the seed says, and starts again. */
export async function filesTrial(
  world: PlantWorld,
  seed: number | null,
  callsMax: number,
): Promise<FilesOutcome> {
  const out = join(world.directory, `out-${seed ?? 'whole'}`);
  const random = seeded(seed ?? 0);
  let left = seed === null ? 0 : 1 + Math.floor(random() * 3);
  let kills = 0;
  for (;;) {
    const killAt = left-- > 0 ? Math.floor(random() * callsMax) : Number.POSITIVE_INFINITY;
    const disk = new MortalDisk(killAt, random);
    disk.install();
    try {
      await run(world, out);
      if (!disk.dead) return outcome(out, kills, disk.calls);
      kills++; // at the removal of what is finished: nothing is left to be done
    } catch (error) {
      if (!disk.dead || !isKill(error)) throw error;
      kills++;
    } finally {
      disk.remove();
    }
    dropLocks(join(out, '.weir'));
  }
}

function run(world: PlantWorld, out: string) {
  return replay({
    pipeline: plant,
    inputs: world.inputs,
    out,
    nowMs: endMs,
    models: world.loaded,
    partitions: 2,
    batchRecords: 400,
    latenessMs: 3_600_000,
    disorderMs: 60_000,
    reset: false,
    snapshotEveryMs: 0,
    progress: () => undefined,
    warn: () => undefined,
  });
}

function outcome(out: string, kills: number, calls: number): FilesOutcome {
  const read = (name: string): string => readFileSync(join(out, `${name}.ndjson`), 'utf8');
  const found = { kills, calls, alerts: read('alerts'), events: read('retraining-events') };
  rmSync(out, { recursive: true });
  return found;
}

/** A kill may come wrapped in what tried to clean up. */
export function isKill(error: unknown): boolean {
  if (error instanceof Killed) return true;
  const { cause } = error as { cause?: unknown };
  return cause !== undefined && isKill(cause);
}
