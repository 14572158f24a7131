// Prints the processor time (all threads) that ingest takes per event, beside JSON.parse alone, for
// a file of interactions (NDJSON).
// Usage: node .build/bench/ingest.js FILE
import { readFileSync } from 'node:fs';
import { interactions } from '../src/pipelines/places.js';
import { compileDecoder, type Decoded } from '../src/streams/ingest/decoder.js';
import { lineBlocks } from '../src/streams/ingest/lines.js';
import { ReplaySource } from '../src/streams/ingest/replay-source.js';
import { parseTime } from '../src/streams/ingest/time.js';

const path = process.argv[2];
if (path === undefined) throw new Error('usage: node .build/bench/ingest.js FILE');

async function measure(name: string, events: number, run: () => unknown): Promise<void> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    const start = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) * 1000);
  }
  console.log(`${name.padEnd(40)} ${(best / events).toFixed(0).padStart(6)} ns/event`);
}

const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
const count = lines.length;
const records = lines.map((line) => JSON.parse(line) as { readonly timestamp: string });

await measure('JSON.parse', count, () => {
  for (const line of lines) JSON.parse(line);
});
await measure('time', count, () => {
  for (const record of records) parseTime(record.timestamp);
});
const decoder = compileDecoder(interactions.events);
const decoded: Decoded = { row: null, timeMs: 0 };
await measure('decode a parsed record, time included', count, () => {
  for (const record of records) decoder.decode(record, decoded);
});
await measure('read lines', count, async () => {
  for await (const block of lineBlocks(path)) block.lines.length;
});
await measure('read lines and JSON.parse', count, async () => {
  for await (const block of lineBlocks(path)) for (const line of block.lines) JSON.parse(line);
});
await measure('replay into batches', count, async () => {
  const source = new ReplaySource([interactions.events], [{ topicIndex: 0, partition: 0, path }], {
    nowMs: Date.now(),
  });
  for (let batch = await source.next(); batch !== null; batch = await source.next());
});
