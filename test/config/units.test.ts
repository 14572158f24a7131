import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byteSize } from '../../src/config/byte-size.js';
import { closest, editDistance } from '../../src/config/closest.js';
import { durationMs } from '../../src/config/duration.js';

test('a duration is an integer with its unit', () => {
  const ms: Readonly<Record<string, number>> = {
    '0s': 0,
    '10ms': 10,
    '30s': 30_000,
    '90m': 5_400_000,
    '1h': 3_600_000,
    '7d': 604_800_000,
  };
  for (const [text, value] of Object.entries(ms)) assert.equal(durationMs(text), value);
  for (const text of [
    '',
    '0',
    '30',
    's',
    '30 s',
    '-1s',
    '1.5h',
    '01s',
    '1w',
    '1H',
    '1h30m',
    '1s\n',
  ])
    assert.equal(durationMs(text), undefined, text);
});

test('a size is an integer with its unit, of 1,000 or 1,024', () => {
  const bytes: Readonly<Record<string, number>> = {
    '0B': 0,
    '512B': 512,
    '64KB': 64_000,
    '64KiB': 65_536,
    '1MB': 1_000_000,
    '8MiB': 8_388_608,
    '10GB': 10_000_000_000,
    '1GiB': 1_073_741_824,
    '2TB': 2_000_000_000_000,
    '1TiB': 1_099_511_627_776,
  };
  for (const [text, value] of Object.entries(bytes)) assert.equal(byteSize(text), value);
  for (const text of ['', '10', '10G', '10gb', '1.5GB', '10 GB', '-1B', 'GB', '1kb', '1PiB'])
    assert.equal(byteSize(text), undefined, text);
});

test('the distance of two texts counts insertions, deletions, changes and swaps', () => {
  const distances: readonly (readonly [string, string, number])[] = [
    ['', '', 0],
    ['', 'abc', 3],
    ['port', 'port', 0],
    ['prot', 'port', 1],
    ['por', 'port', 1],
    ['ports', 'port', 1],
    ['kitten', 'sitting', 3],
    ['ca', 'abc', 3],
  ];
  for (const [from, to, distance] of distances) {
    assert.equal(editDistance(from, to), distance);
    assert.equal(editDistance(to, from), distance);
  }
});

test('what was meant is near, whatever the case and the dashes; what is far is nothing', () => {
  const names = ['host', 'port', 'allowed_hosts'];
  assert.equal(closest('prot', names), 'port');
  assert.equal(closest('PORT', names), 'port');
  assert.equal(closest('allowedHosts', names), 'allowed_hosts');
  assert.equal(closest('allowed-hosts', names), 'allowed_hosts');
  assert.equal(closest('colour', names), undefined);
  assert.equal(closest('x'.repeat(100_000), names), undefined);
  assert.equal(closest('a', []), undefined);
});
