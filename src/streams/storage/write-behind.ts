import { closeSync, fdatasync, openSync } from 'node:fs';
import { errnoOf } from '../../disk-error.js';

/**
 * Starts bringing what was written to a file onto the disk, in the background, so that the next
 * sync finds little left to wait for. It promises nothing and reports nothing: it has a descriptor
 * of its own, and the system tells each descriptor of a failed write, so the sync still hears of
 * it.
 */
export function startWriteBehind(path: string): void {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (cause) {
    if (errnoOf(cause) === undefined) throw cause;
    return;
  }
  fdatasync(fd, () => closeSync(fd));
}
