import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WeirError } from '../../src/errors.js';
import { createLog, type LogOptions } from '../../src/telemetry/log.js';

function logging(options: LogOptions = {}) {
  const lines: string[] = [];
  const nowMs = () => Date.parse('2024-01-15T10:30:00.000Z');
  return { lines, log: createLog({ ...options, nowMs, write: (line) => lines.push(line) }) };
}

test('a line holds time, level, sentence and fields', () => {
  const { lines, log } = logging();
  log.info('snapshot written', { bytes: 1024, path: '/data/a b', task: 'user.0' });
  assert.deepEqual(lines, [
    '2024-01-15T10:30:00.000Z INFO  snapshot written bytes=1024 path="/data/a b" task=user.0\n',
  ]);
});

test('data cannot forge a line', () => {
  const { lines, log } = logging();
  log.warn('bad\nkey', { key: 'x\n2024 ERROR forged' });
  assert.deepEqual(lines, [
    '2024-01-15T10:30:00.000Z WARN  bad\\nkey key="x\\n2024 ERROR forged"\n',
  ]);
});

test('json lines keep time, level and message whatever the fields are called', () => {
  const { lines, log } = logging({ format: 'json' });
  log.error('failed', { message: 'mine', error: new WeirError('disk-full', 'no space') });
  assert.deepEqual(JSON.parse(lines[0]!), {
    time: '2024-01-15T10:30:00.000Z',
    level: 'error',
    message: 'failed',
    error: 'disk-full: no space',
  });
});

test('secrets are not written', () => {
  const { lines, log } = logging();
  log.info('connecting', { sasl_password: 'hunter2', apiKey: 'k', token: 't' });
  assert.doesNotMatch(lines[0]!, /hunter2|=k|=t\b/);
});

test('lines below the level are left out', () => {
  const { lines, log } = logging({ level: 'warn' });
  log.debug('a');
  log.info('b');
  log.error('c');
  assert.equal(lines.length, 1);
});
