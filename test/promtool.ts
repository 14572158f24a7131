import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

const there = spawnSync('promtool', ['--version']).status === 0;
if (!there && process.env.WEIR_REQUIRE_SERVERS === '1')
  throw new Error('needs promtool (WEIR_REQUIRE_SERVERS=1 lets no test be left out for it)');

/** Options of a test that cannot run without promtool. */
export const withPromtool = there ? {} : { skip: 'needs promtool: apt-get install prometheus' };

/** Fails where promtool finds a fault in what `/metrics` answered. */
export function assertMetrics(text: string): void {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  assert.equal(status, 0, `${stdout}${stderr}`);
}
