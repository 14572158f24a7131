import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onDisk } from '../../disk-error.js';
import { OutputFile } from './output-file.js';

/** The outputs that are written line by line, one NDJSON file each. */
export const outputNames = [
  'vectors',
  'latest',
  'scores',
  'alerts',
  'retraining-events',
  'dead-letters',
] as const;
export type OutputName = (typeof outputNames)[number];
export type OutputLengths = Readonly<Record<OutputName, number>>;

export const noLengths = Object.fromEntries(outputNames.map((name) => [name, 0])) as OutputLengths;

/** A directory with one NDJSON file per output and `accounts.json`. */
export class OutputDirectory {
  readonly path: string;
  readonly #files: Readonly<Record<OutputName, OutputFile>>;

  /** Opens every file cut to its length in `lengths`. */
  constructor(path: string, lengths: OutputLengths) {
    this.path = path;
    onDisk('creating', path, () => mkdirSync(path, { recursive: true }));
    const open = (name: OutputName) => new OutputFile(join(path, `${name}.ndjson`), lengths[name]);
    this.#files = Object.fromEntries(outputNames.map((name) => [name, open(name)])) as Record<
      OutputName,
      OutputFile
    >;
  }

  write(name: OutputName, line: string): void {
    this.#files[name].write(line);
  }

  /** Hands everything to the disk; gives the files' lengths. */
  flush(): OutputLengths {
    const lengths = outputNames.map((name) => [name, this.#files[name].flush()]);
    return Object.fromEntries(lengths) as OutputLengths;
  }

  /** Writes a small file whole, or not at all. */
  replace(name: string, text: string): void {
    const path = join(this.path, name);
    onDisk('writing', path, () => {
      writeFileSync(`${path}.new`, text, { flush: true });
      renameSync(`${path}.new`, path);
    });
  }

  close(): void {
    for (const name of outputNames) this.#files[name].close();
  }
}
