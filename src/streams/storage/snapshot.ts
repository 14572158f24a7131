import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { errnoOf, onDisk } from '../../disk-error.js';
import { syncDirectory } from './file-bytes.js';
import {
  readSnapshotFile,
  readSnapshotMeta,
  type Snapshot,
  type SnapshotMeta,
  writeSnapshotFile,
} from './snapshot-file.js';

export interface RefusedSnapshot {
  readonly path: string;
  /** One clause, for a message. */
  readonly reason: string;
}

const keptCount = 2;
const namePattern = /^(\d{10})\.snapshot$/;
const temporaryPattern = /^\d{10}\.snapshot\.tmp$/;

/**
 * Writes a snapshot, durably and whole or not at all, and removes all but the newest two; those of
 * `refused` (paths that `readSnapshot` could not use) do not count as one of the two.
 * Newest is what was written last, whatever its batch. Throws `disk-full`, `disk-failed`.
 */
export function writeSnapshot(
  directory: string,
  meta: SnapshotMeta,
  parts: ReadonlyMap<string, readonly Uint8Array[]>,
  refused: readonly string[] = [],
): void {
  const place = resolve(directory);
  onDisk('creating', place, () => mkdirSync(place, { recursive: true }));
  const older = onDisk('listing', place, () => snapshotPaths(place));
  const number = older[0] === undefined ? 0 : numberOf(older[0]) + 1;
  const path = join(place, `${String(number).padStart(10, '0')}.snapshot`);
  onDisk('writing', path, () => {
    const temporary = `${path}.tmp`;
    try {
      writeSnapshotFile(temporary, meta, parts);
      renameSync(temporary, path);
    } catch (cause) {
      rmSync(temporary, { force: true });
      throw cause;
    }
    syncDirectory(place);
  });
  const kept = older.filter((each) => !refused.includes(each)).slice(0, keptCount - 1);
  const stale = older.filter((each) => !kept.includes(each));
  onDisk('removing old snapshots from', place, () => {
    for (const each of [...stale, ...temporaryPaths(place)]) rmSync(each, { force: true });
  });
}

/**
 * Reads the newest snapshot that is whole and of this format; newer ones that are not are named.
 * Without any the answer is undefined. Nothing on disk is changed. Throws `disk-failed`.
 */
export function readSnapshot(directory: string): {
  readonly snapshot: Snapshot | undefined;
  readonly refused: readonly RefusedSnapshot[];
} {
  const place = resolve(directory);
  const refused: RefusedSnapshot[] = [];
  for (const path of onDisk('listing', place, () => snapshotPaths(place))) {
    const read = onDisk('reading', path, () => readSnapshotFile(path));
    if (typeof read !== 'string') return { snapshot: read, refused };
    refused.push({ path, reason: read });
  }
  return { snapshot: undefined, refused };
}

/** What the newest snapshot says of itself; null without one whose header is whole. */
export function newestMeta(directory: string): SnapshotMeta | null {
  const place = resolve(directory);
  for (const path of onDisk('listing', place, () => snapshotPaths(place))) {
    const meta = onDisk('reading', path, () => readSnapshotMeta(path));
    if (typeof meta !== 'string') return meta;
  }
  return null;
}

function numberOf(path: string): number {
  return Number.parseInt(path.slice(-'0000000000.snapshot'.length), 10);
}

/** Newest first. */
function snapshotPaths(place: string): string[] {
  return pathsLike(place, namePattern).reverse();
}

function temporaryPaths(place: string): string[] {
  return pathsLike(place, temporaryPattern);
}

function pathsLike(place: string, pattern: RegExp): string[] {
  try {
    const names = readdirSync(place).filter((name) => pattern.test(name));
    return names.sort().map((name) => join(place, name));
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return [];
    throw cause;
  }
}
