import { WeirError } from './errors.js';

/** The errno name of a failed system call, `ENOSPC` for one; undefined for any other error. */
export function errnoOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error) || !('syscall' in cause) || !('code' in cause)) return undefined;
  return typeof cause.code === 'string' ? cause.code : undefined;
}

/**
 * Names a failed system call on `path`: `disk-full` (no space or no quota left) or `disk-failed`;
 * an error that is not a system call's comes back as it is.
 */
export function diskError(cause: unknown, doing: string, path: string): unknown {
  const errno = errnoOf(cause);
  if (errno === undefined) return cause;
  const options = { cause, place: { path } };
  if (errno === 'ENOSPC' || errno === 'EDQUOT') {
    const remedy =
      'free space there, keep less of the logs or move the data directory, then restart';
    return new WeirError('disk-full', `no space left while ${doing} ${path}: ${remedy}`, options);
  }
  const remedy = 'check the disk, the mount and the permissions there, then restart';
  return new WeirError('disk-failed', `${errno} while ${doing} ${path}: ${remedy}`, options);
}

/** Runs `action`; a system call that fails in it is thrown as `diskError` names it. */
export function onDisk<T>(doing: string, path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw diskError(cause, doing, path);
  }
}
