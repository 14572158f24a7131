import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wanted } from '../src/features/view-state.js';
import type { Step } from '../src/operators/step.js';
import { place, user } from '../src/pipelines/places.js';
import { createClickhouse } from '../src/sinks/clickhouse/client.js';
import { startEmbedded } from '../src/sinks/clickhouse/embedded/start-embedded.js';
import { prepareTables } from '../src/sinks/clickhouse/prepare-tables.js';
import { createClickhouseSink } from '../src/sinks/clickhouse/sink.js';
import { Graph } from '../src/streams/graph.js';
import { noModels } from '../src/streams/load-models.js';
import { pipeline } from '../src/streams/pipeline.js';
import { runFiles } from '../src/streams/run-files.js';

// node .build/bench/clickhouse-rows.js FILE [ROUNDS] [gzip]
// Prints what the rows of an event of `places` (two vectors and the event) take to be written: time
// of this process, all threads, and of ClickHouse, merges included. FILE: interactions, NDJSON.
const [path, rounds = '5', gzip] = process.argv.slice(2);
if (path === undefined) {
  throw new Error('usage: node .build/bench/clickhouse-rows.js FILE [ROUNDS] [gzip]');
}
const eventsMax = 40_000;

const places = pipeline({ name: 'places', views: [user, place] });
const shapes = places.views.map(({ shape }) => shape);
const { topics } = places;
const steps: Step[] = [];
const graph = new Graph(places, {
  ...noModels,
  epoch: 0,
  partitions: 2,
  latenessMs: 0,
  wanted: wanted.before,
  capturePeriods: null,
});
const topicIndex = topics.findIndex(({ topic }) => topic === 'interactions');
await runFiles(graph, [{ topicIndex, partition: 0, path }], { nowMs: Date.now() }, async (step) => {
  if (steps.length * step.batch.count < eventsMax) steps.push(step);
});
const events = steps.reduce((sum, { batch }) => sum + batch.count, 0);

const directory = mkdtempSync(join(tmpdir(), 'weir-rows-'));
const embedded = await startEmbedded({ directory });
const client = createClickhouse({ url: embedded.url, database: 'rows', gzip: gzip === 'gzip' });
await prepareTables(client, shapes, topics);
const ticksUs = 10_000; // of /proc, on Linux
const childUs = (): number => {
  const stat = readFileSync(`/proc/${embedded.pid()}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(stat[11]) + Number(stat[12])) * ticksUs;
};
const sink = createClickhouseSink(client, { views: shapes, topics });
const bytesOf = (): number => sink.state().reduce((sum, { bytes }) => sum + bytes, 0);
for (let round = 0; round < Number(rounds); round += 1) {
  const before = { own: process.cpuUsage(), childUs: childUs(), bytes: bytesOf() };
  for (const step of steps) {
    await sink.events(step.batch, round); // another epoch: no block has been written before
    for (const { blocks } of step.outputs.flat()) {
      for (const block of blocks) await sink.vectors(block, round);
    }
  }
  await sink.flush();
  const { user, system } = process.cpuUsage(before.own);
  const figures = [user + system, childUs() - before.childUs, bytesOf() - before.bytes];
  const [own, child, size] = figures.map((figure) => (figure / events).toFixed(1));
  console.log(`per event: ${own} µs here, ${child} µs ClickHouse, ${size} bytes`);
}
await client.close();
await embedded.close();
rmSync(directory, { recursive: true });
