import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { WeirError } from '../../src/errors.js';
import { differences, directoryContents } from '../kills/directory-contents.js';
import { setting } from './replay-setting.js';
import { smallDisk } from './storage/scratch.js';

test('on a full disk a replay ends with the remedy, and with space it goes on to the same bytes', async (t) => {
  const { run, directory } = await setting(t);
  const whole = join(directory, 'whole');
  await run(whole);
  const expected = directoryContents(whole);
  let full = 0;
  for (const kib of [16, 64, 128, 512, 2_048, 4_096, 6_144]) {
    const disk = smallDisk(t, kib);
    if (disk === undefined) return t.skip('mounting a small file system is not permitted here');
    const out = join(disk, 'out');
    try {
      await run(out);
    } catch (error) {
      assert.ok(error instanceof WeirError, String(error));
      assert.equal(error.code, 'disk-full', error.message);
      assert.match(error.message, /^no space left while .*: free space there, /);
      full++;
    }
    assert.equal(spawnSync('mount', ['-o', 'remount,size=1g', disk]).status, 0);
    await run(out);
    assert.deepEqual(differences(expected, directoryContents(out)), [], `${kib} KiB`);
  }
  assert.ok(full >= 5, `only ${full} disks were full`);
});
