import { WeirError } from '../errors.js';
import type { Cursor } from '../records/batch.js';
import type { IngestPosition } from './ingest/batch-builder.js';
import { type RefusedSnapshot, readSnapshot, writeSnapshot } from './storage/snapshot.js';
import type { Json } from './storage/snapshot-file.js';

/** What a snapshot holds beside the tasks' state. */
export interface Checkpoint {
  readonly position: IngestPosition;
  readonly parts: ReadonlyMap<string, Uint8Array>;
  /** The caller's own values. */
  readonly extra: { readonly [name: string]: Json };
}

/** A cursor as JSON can hold it: -Infinity, a time before the first, is null. */
type KeptCursor = Omit<Cursor, 'maxTimeMs'> & { readonly maxTimeMs: number | null };

/** The snapshots of one run, in one directory. */
export class Checkpoints {
  readonly #directory: string;
  readonly #definition: string;
  readonly #definedBy: Readonly<Record<string, string>>;
  #refused: readonly RefusedSnapshot[] = [];

  /**
   * @param definition hash of what the state belongs to; a snapshot of another one is refused
   * @param definedBy what the hash was made from, by name, so that a refusal can say what changed
   */
  constructor(
    directory: string,
    definition: string,
    definedBy: Readonly<Record<string, string>> = {},
  ) {
    this.#directory = directory;
    this.#definition = definition;
    this.#definedBy = definedBy;
  }

  /** Snapshots newer than the one that was read, which are not sound. */
  get refused(): readonly RefusedSnapshot[] {
    return this.#refused;
  }

  /**
   * The newest sound snapshot; null where there is none yet.
   * @param remedy what to do about a snapshot of another definition
   * @param remedyCorrupt what to do where no snapshot is sound
   * @throws WeirError snapshot-corrupt, definition-changed, disk-failed
   */
  read(remedy: string, remedyCorrupt = remedy): Checkpoint | null {
    const { snapshot, refused } = readSnapshot(this.#directory);
    this.#refused = refused;
    if (snapshot === undefined) {
      const [first] = refused;
      if (first === undefined) return null;
      const message = `no sound snapshot in ${this.#directory}: ${first.path}: ${first.reason}; ${remedyCorrupt}`;
      throw new WeirError('snapshot-corrupt', message);
    }
    const { definition, batch, extra, cursors, first, ticks } = snapshot.meta;
    if (definition !== this.#definition) {
      // As written below; snapshots of before have none.
      const definedBy = (snapshot.meta.definedBy ?? {}) as Readonly<Record<string, string>>;
      const changes = this.#changes(definedBy) || `${definition}, now ${this.#definition}`;
      throw new WeirError(
        'definition-changed',
        `${this.#directory} holds the state of another definition or other settings (${changes}); ${remedy}`,
      );
    }
    const kept = cursors as unknown as readonly KeptCursor[]; // as written below
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
      definedBy: this.#definedBy,
      first: position.first,
      cursors,
      ticks: { ...position.ticksMs },
      extra,
    };
    const refused = this.#refused.map((one) => one.path);
    writeSnapshot(this.#directory, meta, parts, refused);
  }

  #changes(before: Readonly<Record<string, string>>): string {
    const names = new Set([...Object.keys(before), ...Object.keys(this.#definedBy)]);
    return [...names]
      .filter((name) => before[name] !== this.#definedBy[name])
      .map(
        (name) =>
          `${name} was ${before[name] ?? 'absent'}, is ${this.#definedBy[name] ?? 'absent'}`,
      )
      .join('; ');
  }
}
