import { WeirError } from '../errors.js';
import type { Cursor } from '../records/batch.js';
import type { IngestPosition } from './ingest/batch-builder.js';
import { readSnapshot, writeSnapshot } from './storage/snapshot.js';
import type { Json } from './storage/snapshot-file.js';

/** What a snapshot holds beside the tasks' state. */
export interface Checkpoint {
  readonly position: IngestPosition;
  readonly parts: ReadonlyMap<string, Uint8Array>;
  /** The caller's own values. */
  readonly extra: { readonly [name: string]: Json };
}

/** The snapshots of one run, in one directory. */
export class Checkpoints {
  readonly #directory: string;
  readonly #definition: string;
  #refused: readonly string[] = [];

  /** @param definition hash of what the state belongs to; a snapshot of another one is refused */
  constructor(directory: string, definition: string) {
    this.#directory = directory;
    this.#definition = definition;
  }

  /** The newest sound snapshot; null where there is none yet. */
  read(remedy: string): Checkpoint | null {
    const { snapshot, refused } = readSnapshot(this.#directory);
    this.#refused = refused.map((one) => one.path);
    if (snapshot === undefined) {
      const [first] = refused;
      if (first === undefined) return null;
      const message = `no sound snapshot in ${this.#directory}: ${first.path}: ${first.reason}; ${remedy}`;
      throw new WeirError('snapshot-corrupt', message);
    }
    const { definition, batch, extra, cursors, first, ticks } = snapshot.meta;
    if (definition !== this.#definition) {
      throw new WeirError(
        'definition-changed',
        `${this.#directory} holds the state of another definition or other settings (${definition}, now ${this.#definition}); ${remedy}`,
      );
    }
    const kept = cursors as unknown as (Omit<Cursor, 'maxTimeMs'> & { maxTimeMs: number | null })[]; // as written below
    const position: IngestPosition = {
      batch: batch + 1,
      first: first as number,
      cursors: kept.map((c) => ({ ...c, maxTimeMs: c.maxTimeMs ?? Number.NEGATIVE_INFINITY })),
      ticksMs: ticks as Readonly<Record<string, number>>,
    };
    return { position, parts: snapshot.parts, extra: extra as Checkpoint['extra'] };
  }

  write(
    position: IngestPosition,
    parts: ReadonlyMap<string, readonly Uint8Array[]>,
    extra: Checkpoint['extra'],
  ): void {
    const cursors = position.cursors.map((c) => ({
      ...c,
      maxTimeMs: Number.isFinite(c.maxTimeMs) ? c.maxTimeMs : null,
    }));
    const meta = {
      batch: position.batch - 1,
      definition: this.#definition,
      first: position.first,
      cursors,
      ticks: { ...position.ticksMs },
      extra,
    };
    writeSnapshot(this.#directory, meta, parts, this.#refused);
  }
}
