import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

const main = new URL('../../src/main.js', import.meta.url).pathname;
const run = promisify(execFile);
let model = {};
let refusal = '';
const engine = createServer((_request, response) => {
  if (refusal !== '') response.statusCode = 409;
  const answer =
    refusal === '' ? { command: { kind: 'retraining' }, model } : { error: { message: refusal } };
  response.end(JSON.stringify(answer));
});

before(() => new Promise<void>((done) => engine.listen(0, '127.0.0.1', done)));
after(() => engine.close());

async function said() {
  const { port } = engine.address() as AddressInfo; // of a port, not of a pipe
  const args = ['retraining', 'done', 'm/1/1', '--version', '2'];
  return run(process.execPath, [main, ...args, '--engine', `http://127.0.0.1:${port}`]).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => {
      return { code, stdout, stderr };
    },
  );
}

test('a version that does not take over is an exit code that a script can see', async () => {
  model = { name: 'ranker', version: '2' };
  const taken = 'taken: retraining; weir retraining list shows it in a moment\n';
  assert.deepEqual(await said(), { code: 0, stdout: `${taken}ranker 2 takes over\n`, stderr: '' });
  refusal = 'no manifest of version 2';
  assert.deepEqual(await said(), { code: 2, stdout: '', stderr: `weir: ${refusal}\n` });
});
