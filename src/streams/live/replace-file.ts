import { renameSync, writeFileSync } from 'node:fs';
import { onDisk } from '../../disk-error.js';

/** Writes a small file whole: after a crash there is either the former content or the new one. */
export function replaceFile(path: string, text: string): void {
  const temporary = `${path}.tmp`;
  onDisk('writing', path, () => {
    writeFileSync(temporary, text, { flush: true });
    renameSync(temporary, path);
  });
}
