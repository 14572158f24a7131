import { createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished, pipeline } from 'node:stream/promises';
import { builtInPipelines } from '../../src/pipelines/built-in.js';
import { verdicts } from '../../src/records/batch.js';
import type { ValueReader } from '../../src/sinks/kafka/value-format.js';
import type { Redis } from '../../src/sinks/redis/client.js';
import { readCommit } from '../../src/streams/cluster/ingest-commit.js';
import { readRanges } from '../../src/streams/cluster/read-range.js';
import { decodeFrame } from '../../src/streams/frame-codec.js';
import type { FaultServers } from './fault-servers.js';
import { topicsWith, wholeRanges, withAdmin } from './log-faults.js';
import { logPartitions } from './member-config.js';
import { sourcePartitions } from './workload.js';

export interface DumpPlace {
  readonly servers: Pick<FaultServers, 'kafka' | 'redis' | 'clickhouse'>;
  readonly directory: string;
  readonly prefix: string;
  readonly database: string;
  /** Where the sources' values are not text. */
  readonly reader?: ValueReader;
}

const places = builtInPipelines.find(({ name }) => name === 'places')!;
const topicNames = places.topics.map(({ topic }) => topic);
const tables = [
  'vectors_user',
  'vectors_place',
  'events_interactions',
  'events_place_updates',
  'events_context',
  'dead_letters',
  'scores',
  'alerts',
];
const scanCount = 1_000;

type Write = (row: object) => void;

/** Lines of `NAME.ndjson`. */
export async function writeLines(
  directory: string,
  name: string,
  fill: (write: Write) => Promise<void>,
): Promise<void> {
  const file = createWriteStream(join(directory, `${name}.ndjson`));
  await fill((row) => void file.write(`${JSON.stringify(row)}\n`));
  file.end();
  await finished(file);
}

/** Writes down all that a run left, decoded and not judged; log_replay.py reads it. */
export async function dumpRun(place: DumpPlace, notes: object): Promise<void> {
  const { directory } = place;
  const run = { now: Date.now(), partitions: logPartitions, ...notes };
  const outputs = { redis: true, updates: true, clickhouse: true, letters: true };
  writeFileSync(join(directory, 'run.json'), JSON.stringify({ ...run, ...outputs }));
  await writeLines(directory, 'source', (write) => dumpSources(place, write));
  await writeLines(directory, 'log', (write) => dumpLogs(place, write));
  await writeLines(directory, 'account', (write) => dumpAccount(place, write));
  await writeLines(directory, 'updates', (write) => dumpTopic(place, 'feature-updates', write));
  await writeLines(directory, 'letters', (write) => dumpTopic(place, 'dead-letters', write));
  for (const name of ['scores', 'drift-alerts', 'retraining-events']) {
    await writeLines(directory, name, (write) => dumpTopic(place, name, write));
  }
  const { redis } = place.servers;
  await writeLines(directory, 'redis', (write) => dumpRedis(redis, place.prefix, write));
  for (const table of tables) await dumpTable(place, table);
}

async function dumpSources(
  { servers: { kafka }, prefix, reader }: DumpPlace,
  write: Write,
): Promise<void> {
  const topics = Object.keys(sourcePartitions).map((topic) => `${prefix}${topic}`);
  const places: object[] = [];
  const values: (Buffer | null)[] = [];
  await readRanges(kafka, await wholeRanges(kafka, topics), (range, { offset, value }) => {
    const topic = range.topic.slice(prefix.length);
    places.push({ topic, partition: range.partition, offset: Number(offset) });
    values.push(value);
  });
  const texts = (await reader?.readAll(values))?.texts ?? values.map(String);
  for (const [i, place] of places.entries()) write({ ...place, value: texts[i] });
}

async function dumpLogs({ servers: { kafka }, prefix }: DumpPlace, write: Write): Promise<void> {
  const stages = [...places.stages.map(({ name }) => name), 'refused'];
  const found = await topicsWith(kafka, prefix, '.log.');
  const topics = found.filter((topic) => stages.some((stage) => topic.endsWith(`.log.${stage}`)));
  await readRanges(kafka, await wholeRanges(kafka, topics), ({ topic, partition }, message) => {
    const { batch, count } = decodeFrame(message.value ?? Buffer.alloc(0), () => ({}));
    const records = Array.from({ length: count }, (_, i) => [
      topicNames[batch.topics[i]!],
      batch.partitions[i],
      batch.offsets[i],
      batch.timesMs[i],
      verdicts[batch.verdicts[i]!],
      batch.raws[i],
    ]);
    const stage = topic.slice(topic.lastIndexOf('.') + 1);
    const { offset, timestamp } = message;
    const { ticks, cursors } = batch;
    write({
      stage,
      partition,
      offset: Number(offset),
      at: Number(timestamp),
      ticks,
      cursors,
      records,
    });
  });
}

async function dumpAccount({ servers: { kafka }, prefix }: DumpPlace, write: Write): Promise<void> {
  const topics = Object.keys(sourcePartitions).map((topic) => `${prefix}${topic}`);
  const groupId = `${prefix}weir.places.ingest`;
  const told = await withAdmin(kafka, (admin) => admin.fetchOffsets({ groupId, topics }));
  for (const { topic: name, partitions } of told) {
    for (const { partition, offset, metadata } of partitions) {
      const topic = name.slice(prefix.length);
      const commit = readCommit(topic, partition, Number(offset), metadata, logPartitions);
      const counts = verdicts.map((verdict, i) => [verdict, commit?.cursor.counts[i] ?? 0]);
      write({ topic, partition, offset: Number(offset), counts: Object.fromEntries(counts) });
    }
  }
}

async function dumpTopic(
  { servers: { kafka }, prefix }: DumpPlace,
  name: string,
  write: Write,
): Promise<void> {
  const ranges = await wholeRanges(kafka, [`${prefix}${name}`]);
  await readRanges(kafka, ranges, ({ partition }, { offset, key, value, headers = {} }) => {
    const told = Object.keys(headers).length > 0 ? { headers: Object.keys(headers) } : {};
    write({ partition, offset: Number(offset), key: String(key), value: String(value), ...told });
  });
}

/** Every vector under the prefix: view, key and the fields as they stand. */
export async function dumpRedis(redis: Redis, prefix: string, write: Write): Promise<void> {
  for await (const keys of redisKeys(redis, prefix)) {
    const found = await Promise.all(keys.map((key) => redis.callKey('HGETALL', [key])));
    for (const [i, key] of keys.entries()) {
      const flat = found[i] as string[]; // field, value, field, …
      const fields: Record<string, string> = {};
      for (let j = 0; j < flat.length; j += 2) fields[flat[j]!] = flat[j + 1]!;
      const [, entity, view] = /^\{[^:]*:[^:]*:(.*)\}:(.*)$/s.exec(key.slice(prefix.length)) ?? [];
      write({ view, key: entity, fields });
    }
  }
}

/** The keys under the prefix, on all nodes, in pieces; one may come twice. */
export async function* redisKeys(redis: Redis, prefix: string): AsyncGenerator<string[]> {
  for (const node of redis.nodes()) {
    let cursor = '0';
    do {
      const scan = [cursor, 'MATCH', `${prefix}*`, 'COUNT', scanCount];
      const answer = await redis.callNode(node, 'SCAN', scan);
      const [next, keys] = answer as [string, string[]]; // as SCAN answers
      yield keys;
      cursor = next;
    } while (cursor !== '0');
  }
}

async function dumpTable(
  { servers, directory, database }: DumpPlace,
  table: string,
): Promise<void> {
  const sql = `SELECT * FROM ${database}.${table} FINAL FORMAT JSONEachRow`;
  const answer = await ask(servers.clickhouse, sql);
  const file = createWriteStream(join(directory, `clickhouse-${table}.ndjson`));
  await pipeline(answer.body ?? [], file);
}

/** Runs a statement at ClickHouse itself, not through the proxy. */
export async function query(address: string, sql: string): Promise<string> {
  return (await ask(address, sql)).text();
}

async function ask(address: string, sql: string): Promise<Response> {
  const settings = 'date_time_output_format=iso&output_format_json_quote_64bit_integers=0';
  const answer = await fetch(`${address}/?${settings}`, { method: 'POST', body: sql });
  if (!answer.ok) throw new Error(`ClickHouse: ${await answer.text()}`);
  return answer;
}
