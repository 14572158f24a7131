import type { TestEvent } from 'node:test/reporters';

/** Why tests were left out, and how many: a reporter of node:test. */
export default async function* leftOut(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const counts = new Map<string, { tests: number; suites: number }>();
  for await (const event of events) {
    if (event.type !== 'test:pass') continue;
    const { skip, details } = event.data;
    if (skip === undefined || skip === false) continue;
    const reason = typeof skip === 'string' ? skip : 'no reason given';
    const count = counts.get(reason) ?? { tests: 0, suites: 0 };
    // What a suite holds is not read where it is skipped whole.
    count[details.type === 'suite' ? 'suites' : 'tests'] += 1;
    counts.set(reason, count);
  }
  for (const [reason, { tests, suites }] of counts) {
    const what = [some(tests, 'test'), some(suites, 'whole suite')].filter((one) => one !== '');
    yield `left out: ${what.join(' and ')}: ${reason}\n`;
  }
}

function some(count: number, what: string): string {
  return count === 0 ? '' : `${count} ${what}${count === 1 ? '' : 's'}`;
}
