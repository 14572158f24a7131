import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** All that lies in a directory: files by path with the SHA-256 of their bytes, and the rest. */
export function directoryContents(directory: string): ReadonlyMap<string, string> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const contents = entries.map((entry): [string, string] => {
    const path = join(entry.parentPath, entry.name);
    return [relative(directory, path), entry.isFile() ? digestOf(path) : 'no file'];
  });
  return new Map(contents.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function digestOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** What two directories differ in, one line each; none where they are equal. */
export function differences(
  expected: ReadonlyMap<string, string>,
  found: ReadonlyMap<string, string>,
): string[] {
  const names = new Set([...expected.keys(), ...found.keys()]);
  return [...names].sort().flatMap((name) => {
    if (!found.has(name)) return [`${name} is missing`];
    if (!expected.has(name)) return [`${name} is left over`];
    return expected.get(name) === found.get(name) ? [] : [`${name} differs`];
  });
}
