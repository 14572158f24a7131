import { readFileSync } from 'node:fs';
import { type Draft, remove, valueAt } from './layer.js';
import type { Sources } from './problem.js';
import { settings } from './settings.js';

const bytesMax = 64 * 1024;

/** Puts the content of each `…_file` in the place of the secret it holds; gives what went wrong. */
export function readSecretFiles(
  draft: Draft,
  sources: Sources,
  take: (path: string, value: string, place: string) => void,
): string[] {
  const problems: string[] = [];
  for (const { path } of settings.filter((setting) => setting.secret)) {
    const filePath = `${path}_file`;
    const file = valueAt(draft, filePath);
    // Both given, or no text: the schema says so.
    if (typeof file !== 'string' || file === '' || valueAt(draft, path) !== undefined) continue;
    const place = sources.placeOf(filePath.split('.'), 'value') ?? 'default';
    const content = contentOf(file);
    if ('problem' in content) {
      problems.push(`${place}: ${filePath}: ${content.problem}`);
      continue;
    }
    remove(draft, filePath);
    take(path, content.text, place);
  }
  return problems;
}

/** The path is not told either: some write the secret itself there. */
function contentOf(file: string): { readonly text: string } | { readonly problem: string } {
  try {
    const bytes = readFileSync(file);
    if (bytes.length > bytesMax)
      return { problem: `expected a secret, found ${bytes.length} bytes; check the path` };
    const text = bytes.toString('utf8').replace(/\r?\n$/, ''); // editors end the last line
    if (text.trim() !== '') return { text };
    return { problem: 'expected a secret in the file, found nothing; write it there' };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // of a system call
    if (code === 'ENOENT') return { problem: 'expected a file, found none; check the path' };
    return { problem: `expected a file that can be read (${code}); check path and permissions` };
  }
}
