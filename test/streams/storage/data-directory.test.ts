import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDataDirectory } from '../../../src/streams/storage/data-directory.js';
import { startChild } from './child.js';
import { scratchDirectory } from './scratch.js';

const module = new URL('../../../src/streams/storage/data-directory.js', import.meta.url).href;

/** Opens the directory at `atMs`, says whether it could, and stays. */
const holder = `
  const { openDataDirectory } = await import(process.argv[1]);
  while (Date.now() < Number(process.argv[3]));
  try { openDataDirectory(process.argv[2]); console.log('held'); }
  catch (error) { console.log(error.code); }
  setInterval(() => {}, 1e6);
`;

test('a data directory is made, marked, closed and opened again', (t) => {
  const path = join(scratchDirectory(t), 'deep', 'data');
  for (let round = 0; round < 3; round++) {
    const directory = openDataDirectory(path);
    assert.equal(directory.path, path);
    writeFileSync(join(path, `file-${round}`), '');
    directory.close();
  }
  assert.equal(readdirSync(path).filter((name) => name.startsWith('lock.')).length, 1);
});

test('an empty volume is taken, a directory with other files is refused and left as it was', (t) => {
  const path = scratchDirectory(t);
  mkdirSync(join(path, 'lost+found'));
  openDataDirectory(path).close();

  const other = scratchDirectory(t);
  writeFileSync(join(other, 'thesis.txt'), '');
  const foreign = { code: 'data-dir-foreign', message: /holds thesis\.txt .* empty or absent/ };
  assert.throws(() => openDataDirectory(other), foreign);
  assert.deepEqual(readdirSync(other), ['thesis.txt']);
  assert.throws(() => openDataDirectory(join(other, 'thesis.txt')), {
    code: 'data-dir-foreign',
    message: /it is not a directory/,
  });
});

test('a directory of another format, or with an unreadable marker, is refused', (t) => {
  const path = scratchDirectory(t);
  writeFileSync(join(path, 'weir.json'), '{"format":2}');
  assert.throws(() => openDataDirectory(path), {
    code: 'data-dir-foreign',
    message: /it has format 2, this version of Weir reads format 1/,
  });
  for (const text of ['', '{"for', '7', 'null', '{"format":"1"}']) {
    writeFileSync(join(path, 'weir.json'), text);
    assert.throws(() => openDataDirectory(path), {
      code: 'data-dir-foreign',
      message: /unreadable/,
    });
  }
  assert.deepEqual(readdirSync(path), ['weir.json']);
});

test('a second opening, in this process too, is refused with the holder’s id', (t) => {
  const path = scratchDirectory(t);
  const directory = openDataDirectory(path);
  assert.throws(() => openDataDirectory(path), {
    code: 'data-dir-locked',
    message: `${path} is in use by process ${process.pid}: stop it, or choose another data directory`,
  });
  directory.close();
  openDataDirectory(path).close();
});

test('a live process holds its directory until kill -9, and a restart succeeds at once', async (t) => {
  const path = scratchDirectory(t);
  for (let round = 0; round < 3; round++) {
    const child = startChild(t, holder, [module, path, '0']);
    assert.equal(await child.line(), 'held');
    const locked = { code: 'data-dir-locked', message: new RegExp(`process ${child.pid}:`) };
    assert.throws(() => openDataDirectory(path), locked);
    // Not waited for: it is still in the process table.
    child.kill();
    openDataDirectory(path).close();
  }
});

test('of many that find the lock of a dead process at the same time, one gets it', async (t) => {
  const path = scratchDirectory(t);
  const dead = startChild(t, holder, [module, path, '0']);
  assert.equal(await dead.line(), 'held');
  dead.kill();
  for (let round = 0; round < 3; round++) {
    const atMs = String(Date.now() + 400);
    const rivals = Array.from({ length: 5 }, () => startChild(t, holder, [module, path, atMs]));
    const answers = await Promise.all(rivals.map((rival) => rival.line()));
    assert.deepEqual(answers.sort(), [
      'data-dir-locked',
      'data-dir-locked',
      'data-dir-locked',
      'data-dir-locked',
      'held',
    ]);
    for (const rival of rivals) rival.kill();
  }
});

test('a lock is stale when its process id now belongs to another process', (t) => {
  const path = scratchDirectory(t);
  openDataDirectory(path).close();
  symlinkSync(`${process.pid}@${hostname()}#an-earlier-boot/17`, join(path, 'lock.50'));
  openDataDirectory(path).close();
  assert.ok(readdirSync(path).includes('lock.52'));
});

test('a lock from another host cannot be judged and is refused with the remedy', (t) => {
  const path = scratchDirectory(t);
  symlinkSync('71@elsewhere#boot/17', join(path, 'lock.3'));
  assert.throws(() => openDataDirectory(path), {
    code: 'data-dir-locked',
    message: `${path} was last used by process 71 on host elsewhere, which cannot be looked at from here: stop it, or remove ${join(path, 'lock.3')} if it no longer runs`,
  });
});
