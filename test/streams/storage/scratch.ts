import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A directory of the test's own, removed when it ends. */
export function scratchDirectory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'weir-storage-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A file system of `kib` KiB of the test's own; undefined where mounting is not permitted. */
export function smallDisk(t: TestContext, kib: number): string | undefined {
  const path = mkdtempSync(join(tmpdir(), 'weir-disk-'));
  const options = `size=${kib}k`;
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]).status === 0;
  t.after(() => {
    if (mounted) spawnSync('umount', [path]);
    rmSync(path, { recursive: true, force: true });
  });
  return mounted ? path : undefined;
}
