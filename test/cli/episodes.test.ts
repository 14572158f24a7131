import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

const main = new URL('../../src/main.js', import.meta.url).pathname;
const run = promisify(execFile);
let model = {};
const engine = createServer((_request, response) => {
  response.end(JSON.stringify({ command: { kind: 'retraining' }, model }));
});

before(() => new Promise<void>((done) => engine.listen(0, '127.0.0.1', done)));
after(() => engine.close());

async function said() {
  const { port } = engine.address() as AddressInfo; // of a port, not of a pipe
  const args = ['retraining', 'done', 'm/1/1', '--version', '2'];
  return run(process.execPath, [main, ...args, '--engine', `http://127.0.0.1:${port}`]).then(
    ({ stdout }) => ({ code: 0, stdout }),
    ({ code, stdout }: { code: number; stdout: string }) => ({ code, stdout }),
  );
}

test('a version that does not take over is an exit code that a script can see', async () => {
  model = { name: 'ranker', version: '2', used: true };
  const taken = 'taken: retraining; weir retraining list shows it in a moment\n';
  assert.deepEqual(await said(), { code: 0, stdout: `${taken}ranker 2 takes over\n` });
  model = { name: 'ranker', version: '2', used: false, why: 'no manifest' };
  const stdout = `${taken}ranker 2 does not take over: no manifest\n`;
  assert.deepEqual(await said(), { code: 1, stdout });
});
