import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runWorkers, type WorkersOptions, workerPort } from '../../src/cli/workers.js';
import { createLog } from '../../src/telemetry/log.js';
import { scratch } from './started.js';

const limit = { timeout: 30_000 };

/**
 * A worker that tells what happens to it over a socket: `up I PID`, then each signal. `how` is what
 * it does once it is up; it knows `worker` and `starts`, how often worker I was started.
 */
function workerScript(port: number, how: string): string {
  const path = join(scratch(), 'worker.mjs');
  const starts = join(scratch(), 'starts');
  writeFileSync(starts, '');
  writeFileSync(
    path,
    `import { appendFileSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
const worker = process.argv.at(-1);
appendFileSync(${JSON.stringify(starts)}, worker + '\\n');
const lines = readFileSync(${JSON.stringify(starts)}, 'utf8').split('\\n');
const starts = lines.filter((line) => line === worker).length;
const socket = connect(${port}, '127.0.0.1');
const tell = (text) => socket.write(text + ' ' + worker + ' ' + process.pid + '\\n');
const end = (code) => socket.end(() => process.exit(code));
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => { tell(signal); end(0); });
}
process.on('disconnect', () => { tell('orphan'); end(0); });
tell(process.argv.at(-2) === '--worker' ? 'up' : 'wrong arguments');
${how}
`,
  );
  return path;
}

interface Told {
  readonly port: number;
  readonly lines: string[];
  /** Resolves when so many lines begin with the text. */
  until(start: string, count: number): Promise<string[]>;
}

async function listen(t: TestContext): Promise<Told> {
  const lines: string[] = [];
  const arrived = new EventEmitter();
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    createInterface({ input: socket }).on('line', (line) => {
      lines.push(line);
      arrived.emit('line');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const until = (start: string, count: number): Promise<string[]> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = lines.filter((line) => line.startsWith(start));
        if (found.length >= count) resolve(found);
        else arrived.once('line', look);
      };
      look();
    });
  const { port } = server.address() as { port: number }; // of a server on TCP
  return { port, lines, until };
}

function recorder(t: TestContext, limits: WorkersOptions['limits'] = {}) {
  const said: string[] = [];
  const signals = new EventEmitter();
  const log = createLog({ write: (line) => said.push(line.slice(25)) });
  t.after(() => signals.emit('SIGTERM', 'SIGTERM')); // where the test failed
  return { said, signals, options: { log, signals, limits: { waitMs: 1, ...limits } } };
}

test('each worker gets its number, and a signal reaches each once', limit, async (t) => {
  const told = await listen(t);
  const { signals, options } = recorder(t);
  const ended = runWorkers(3, [workerScript(told.port, '')], options);
  const up = await told.until('up', 3);
  assert.deepEqual(up.map((line) => line.split(' ')[1]).sort(), ['0', '1', '2']);
  signals.emit('SIGTERM', 'SIGTERM');
  assert.equal(await ended, 0);
  await told.until('SIGTERM', 3);
  assert.equal(told.lines.filter((line) => !line.startsWith('up')).length, 3);
  assert.equal(signals.listenerCount('SIGTERM') + signals.listenerCount('SIGINT'), 0);
});

test('a worker that ended by itself is started again, the others live on', limit, async (t) => {
  const told = await listen(t);
  const { said, signals, options } = recorder(t);
  const how = `if (worker === '1' && starts === 1) end(7);
if (worker === '1' && starts === 2) socket.end(() => process.kill(process.pid, 'SIGKILL'));`;
  const ended = runWorkers(2, [workerScript(told.port, how)], options);
  await told.until('up 1', 3);
  signals.emit('SIGINT', 'SIGINT');
  assert.equal(await ended, 0);
  await told.until('SIGINT', 2);
  assert.equal(told.lines.filter((line) => line.startsWith('up 0')).length, 1);
  assert.deepEqual(said, [
    'WARN  worker 1 ended by itself; it is started again why="exit code 7" in_ms=1\n',
    'WARN  worker 1 ended by itself; it is started again why="killed by SIGKILL" in_ms=2\n',
  ]);
});

test(
  'a worker that cannot live is given up: the others stop, its exit code is ours',
  limit,
  async (t) => {
    const told = await listen(t);
    const { said, options } = recorder(t, { endsMax: 3 });
    const how = `if (worker === '0') end(9);`;
    assert.equal(await runWorkers(2, [workerScript(told.port, how)], options), 9);
    assert.equal(told.lines.filter((line) => line.startsWith('up 0')).length, 3);
    assert.equal(
      said.at(-1),
      'ERROR worker 0 ended by itself 3 times in a row and is given up; the others stop why="exit code 9"\n',
    );
  },
);

test('a wrong setting is not tried again', limit, async (t) => {
  const told = await listen(t);
  const { said, options } = recorder(t);
  assert.equal(await runWorkers(1, [workerScript(told.port, 'end(2);')], options), 2);
  assert.deepEqual(said, [
    'ERROR worker 0 ended by itself once and is given up; the others stop why="exit code 2"\n',
  ]);
});

test('a worker that does not stop in time is killed', limit, async (t) => {
  const told = await listen(t);
  const { said, signals, options } = recorder(t, { stopMsMax: 50 });
  const how = `process.removeAllListeners('SIGTERM').on('SIGTERM', () => tell('deaf'));`;
  const ended = runWorkers(1, [workerScript(told.port, `${how}\ntell('ready');`)], options);
  await told.until('ready', 1);
  signals.emit('SIGTERM', 'SIGTERM');
  assert.equal(await ended, 1);
  assert.match(said.join(''), /did not stop in time and are killed/);
});

test('workers of a process that was killed end by themselves', limit, async (t) => {
  const told = await listen(t);
  const parent = join(scratch(), 'parent.mjs');
  const workers = fileURLToPath(new URL('../../src/cli/workers.js', import.meta.url));
  const log = fileURLToPath(new URL('../../src/telemetry/log.js', import.meta.url));
  const own = workerScript(told.port, '');
  const ending = readFileSync(own, 'utf8')
    .replace(/^process\.on\('disconnect'.*$/m, '')
    .replace(
      /^const worker/m,
      `import { endWithParent } from ${JSON.stringify(workers)};\nendWithParent();\nconst worker`,
    );
  writeFileSync(own, ending);
  appendFileSync(
    parent,
    `import { runWorkers } from ${JSON.stringify(workers)};
import { createLog } from ${JSON.stringify(log)};
await runWorkers(2, [${JSON.stringify(own)}], { log: createLog() });
`,
  );
  const child = spawn(process.execPath, [parent], { stdio: 'ignore' });
  await told.until('up', 2);
  child.kill('SIGKILL');
  assert.equal((await told.until('SIGTERM', 2)).length, 2);
});

test('workers serve on the next ports; on any free one where 0 is given', () => {
  assert.deepEqual([workerPort(8080, 0), workerPort(8080, 2), workerPort(0, 2)], [8080, 8082, 0]);
});
