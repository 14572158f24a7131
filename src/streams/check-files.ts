import { accessSync, constants, realpathSync, type Stats, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { errnoOf } from '../disk-error.js';
import { WeirError } from '../errors.js';
import { outputNames } from '../sinks/files/output-directory.js';

/**
 * Checks what can be known of a run's files before anything is written.
 * @throws WeirError input-missing, input-unreadable, wrong-use
 */
export function checkFiles(inputs: readonly string[], out: string): void {
  for (const path of inputs) checkInput(path);
  checkOut(out);
  const outputs = outputNames.map((name) => realPath(join(out, `${name}.ndjson`)));
  const both = inputs.find((path) => outputs.includes(realPath(path)));
  if (both !== undefined) {
    throw new WeirError(
      'wrong-use',
      `--input: ${both} is an output of ${out} and would be overwritten; choose another --out`,
    );
  }
}

function checkOut(out: string): void {
  let found: string | undefined;
  try {
    const stats = statSync(out);
    if (!stats.isDirectory()) found = kindOf(stats);
  } catch (cause) {
    const errno = errnoOf(cause);
    if (errno !== 'ENOENT') found = errno;
  }
  if (found === undefined) return;
  const message = `--out: expected a directory, found ${found} at ${out}; name another`;
  throw new WeirError('wrong-use', message, { place: { path: out } });
}

function checkInput(path: string): void {
  const found = statOf(path);
  if (found === undefined) {
    throw new WeirError(
      'input-missing',
      `${path}: expected a file, found none; check the path given with --input`,
      { place: { path } },
    );
  }
  if (!found.isFile()) {
    const remedy = found.isDirectory()
      ? 'name the files in it'
      : 'a run that was killed reads its inputs again: write it to a file first';
    throw unreadable(path, `expected a file, found ${kindOf(found)}; ${remedy}`);
  }
  try {
    accessSync(path, constants.R_OK);
  } catch (cause) {
    throw unreadable(path, `expected a file that may be read, found ${errnoOf(cause)}`, cause);
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw unreadable(path, `expected a file, found ${errnoOf(cause)}`, cause);
  }
}

function unreadable(path: string, what: string, cause?: unknown): WeirError {
  const remedy = cause === undefined ? '' : '; check the path and its permissions';
  const options = { cause, place: { path } };
  return new WeirError('input-unreadable', `${path}: ${what}${remedy}`, options);
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return 'a directory';
  if (found.isFile()) return 'a file';
  return found.isFIFO() ? 'a pipe' : 'a device or socket';
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
