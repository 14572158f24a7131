import { closeSync, fsyncSync, ftruncateSync, openSync, statSync, writeSync } from 'node:fs';
import { onDisk } from '../../disk-error.js';
import { WeirError } from '../../errors.js';

const bufferedLimit = 1 << 20;

/** An NDJSON file that grows line by line and can be cut back to an earlier length. */
export class OutputFile {
  readonly path: string;
  readonly #fd: number;
  #written: number;
  #lines: string[] = [];
  #characters = 0;

  /**
   * Opens the file cut to `length` bytes; 0 makes it anew.
   * @throws WeirError output-changed where the file is shorter; disk-full, disk-failed
   */
  constructor(path: string, length: number) {
    this.path = path;
    if (length > 0) checkLength(path, length);
    this.#fd = onDisk('opening', path, () => openSync(path, length === 0 ? 'w' : 'r+'));
    onDisk('cutting', path, () => ftruncateSync(this.#fd, length));
    this.#written = length;
  }

  write(line: string): void {
    this.#lines.push(line);
    this.#characters += line.length + 1;
    if (this.#characters >= bufferedLimit) this.#drain();
  }

  /** Hands all lines to the disk; gives the file's length, bytes. */
  flush(): number {
    this.#drain();
    onDisk('syncing', this.path, () => fsyncSync(this.#fd));
    return this.#written;
  }

  /** Lets go of the file; lines that were not flushed are dropped, so that a failed run can end. */
  close(): void {
    closeSync(this.#fd);
  }

  #drain(): void {
    if (this.#lines.length === 0) return;
    const bytes = Buffer.from(`${this.#lines.join('\n')}\n`);
    this.#lines = [];
    this.#characters = 0;
    onDisk('writing', this.path, () => {
      let at = 0;
      while (at < bytes.length)
        at += writeSync(this.#fd, bytes, at, bytes.length - at, this.#written + at);
    });
    this.#written += bytes.length;
  }
}

function checkLength(path: string, length: number): void {
  const found = onDisk('opening', path, () => statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  if (found >= length) return;
  throw new WeirError(
    'output-changed',
    `${path}: expected the ${length} bytes that an unfinished run had written, found ${found}; put the file back, or start over with --reset`,
    { place: { path } },
  );
}
