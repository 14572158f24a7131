import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { errnoOf, onDisk } from '../../disk-error.js';
import { WeirError } from '../../errors.js';
import { isLockName, lockDirectory } from './directory-lock.js';
import { syncDirectory } from './file-bytes.js';

/** The directory that holds an engine's logs and snapshots, this process's own until `close`. */
export interface DataDirectory {
  /** Absolute. */
  readonly path: string;
  close(): void;
}

/** Version of what lies in a data directory and how. */
const dataDirectoryFormat = 1;

const markerName = 'weir.json';
const temporaryName = `${markerName}.tmp`;

/**
 * Opens a data directory, made if absent, and locks it for this process. Throws `data-dir-foreign`
 * for a directory with anything else in it or of another format, `data-dir-locked`, `disk-full`,
 * `disk-failed`.
 */
export function openDataDirectory(path: string): DataDirectory {
  const place = resolve(path);
  if (isOtherThanDirectory(place)) throw foreign(place, 'it is not a directory');
  onDisk('creating', place, () => mkdirSync(place, { recursive: true }));
  // Before the lock, so that nothing is put into a directory that is not ours.
  checkMarker(place);
  const lock = lockDirectory(place);
  try {
    if (!checkMarker(place)) onDisk('writing', join(place, markerName), () => writeMarker(place));
  } catch (cause) {
    lock.release();
    throw cause;
  }
  return { path: place, close: () => lock.release() };
}

function isOtherThanDirectory(place: string): boolean {
  return onDisk('opening', place, () => {
    const found = statSync(place, { throwIfNoEntry: false });
    return found !== undefined && !found.isDirectory();
  });
}

/** Whether the directory is marked as ours; an unmarked one must be as good as empty. */
function checkMarker(place: string): boolean {
  const text = readMarker(place);
  if (text !== undefined) {
    const format = formatOf(text);
    if (format === dataDirectoryFormat) return true;
    const found =
      format === undefined ? `its ${markerName} is unreadable` : `it has format ${format}`;
    throw foreign(place, `${found}, this version of Weir reads format ${dataDirectoryFormat}`);
  }
  const names = onDisk('listing', place, () => readdirSync(place));
  const other = names.find((name) => !isLockName(name) && !isHarmless(name));
  if (other !== undefined) throw foreign(place, `it holds ${other} and no ${markerName}`);
  return false;
}

/** What a crash right after creation leaves, and the root of a freshly made ext4 volume has. */
function isHarmless(name: string): boolean {
  return name === temporaryName || name === 'lost+found';
}

function readMarker(place: string): string | undefined {
  const path = join(place, markerName);
  return onDisk('reading', path, () => {
    try {
      return readFileSync(path, 'utf8');
    } catch (cause) {
      if (errnoOf(cause) === 'ENOENT') return undefined;
      throw cause;
    }
  });
}

function formatOf(text: string): number | undefined {
  try {
    const marker: unknown = JSON.parse(text);
    if (typeof marker !== 'object' || marker === null || !('format' in marker)) return undefined;
    return typeof marker.format === 'number' ? marker.format : undefined;
  } catch {
    return undefined;
  }
}

function writeMarker(place: string): void {
  const temporary = join(place, temporaryName);
  const text = `${JSON.stringify({ format: dataDirectoryFormat })}\n`;
  writeFileSync(temporary, text, { flush: true });
  renameSync(temporary, join(place, markerName));
  syncDirectory(place);
}

function foreign(place: string, reason: string): WeirError {
  return new WeirError(
    'data-dir-foreign',
    `${place} is no data directory of this Weir (${reason}): name an empty or absent directory`,
    { place: { path: place } },
  );
}
