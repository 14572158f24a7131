import { readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { errnoOf, onDisk } from '../../disk-error.js';
import { WeirError } from '../../errors.js';
import { isRunning, ownIdentity, type ProcessIdentity } from './process-identity.js';

// The lock is the symbolic link `lock.N` with the largest N; its target is text, who holds it.
// A link is made with its text in one exclusive step, so no half-written lock is ever seen. Numbers
// only grow: who found lock.N held by a dead process must make lock.N+1, and one alone can. With a
// single file, two could find it stale, and the second remove the lock that the first just took.

const namePattern = /^lock\.(\d+)$/;
const released = 'released';
/** A process killed just now may take a moment to end. */
const patienceMs = 500;

export function isLockName(name: string): boolean {
  return namePattern.test(name);
}

/**
 * Takes a directory's lock for this process; it ends with the process, however that ends.
 * Throws `data-dir-locked` with the holder's id when another, or this one, has it.
 */
export function lockDirectory(directory: string): { release(): void } {
  return onDisk('locking', directory, () => {
    const number = acquire(directory);
    return { release: () => onDisk('unlocking', directory, () => release(directory, number)) };
  });
}

function acquire(directory: string): number {
  const deadlineMs = performance.now() + patienceMs;
  const identity = textOf(ownIdentity());
  for (;;) {
    const newest = lockNumbers(directory)[0] ?? 0;
    const holder = newest === 0 ? undefined : holderOf(lockPath(directory, newest));
    if (holder !== undefined && (holder.host !== hostname() || isRunning(holder))) {
      if (holder.host !== hostname() || performance.now() > deadlineMs) {
        throw lockedError(directory, lockPath(directory, newest), holder);
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      continue;
    }
    if (!makeLink(identity, lockPath(directory, newest + 1))) continue;
    const [first, ...older] = lockNumbers(directory);
    if (first === newest + 1) {
      removeLocks(directory, older);
      return first;
    }
    // It was taken and passed on between our look and our link.
    removeLocks(directory, [newest + 1]);
  }
}

/** Leaves a larger number behind, so that a slow rival's link for ours comes too late. */
function release(directory: string, number: number): void {
  makeLink(released, lockPath(directory, number + 1));
  removeLocks(directory, [number]);
}

function lockPath(directory: string, number: number): string {
  return join(directory, `lock.${number}`);
}

/** Largest first. */
function lockNumbers(directory: string): number[] {
  const numbers: number[] = [];
  for (const name of readdirSync(directory)) {
    const digits = namePattern.exec(name)?.[1];
    if (digits !== undefined) numbers.push(Number(digits));
  }
  return numbers.sort((a, b) => b - a);
}

function removeLocks(directory: string, numbers: readonly number[]): void {
  for (const number of numbers) rmSync(lockPath(directory, number), { force: true });
}

/** False when the name is taken. */
function makeLink(text: string, path: string): boolean {
  try {
    symlinkSync(text, path);
    return true;
  } catch (cause) {
    if (errnoOf(cause) === 'EEXIST') return false;
    throw cause;
  }
}

function textOf({ pid, host, start }: ProcessIdentity): string {
  return `${pid}@${host}#${start}`;
}

/** Undefined for a lock that was released, or passed on a moment ago. */
function holderOf(path: string): ProcessIdentity | undefined {
  try {
    const match = /^(\d+)@([^#]*)#(.*)$/.exec(readlinkSync(path));
    return match === null
      ? undefined
      : { pid: Number(match[1]), host: match[2] ?? '', start: match[3] ?? '' };
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined;
    throw cause;
  }
}

function lockedError(directory: string, lock: string, { pid, host }: ProcessIdentity): WeirError {
  const message =
    host === hostname()
      ? `is in use by process ${pid}: stop it, or choose another data directory`
      : `was last used by process ${pid} on host ${host}, which cannot be looked at from here: ` +
        `stop it, or remove ${lock} if it no longer runs`;
  return new WeirError('data-dir-locked', `${directory} ${message}`, { place: { path: lock } });
}
