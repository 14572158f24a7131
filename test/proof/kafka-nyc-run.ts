import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createKafka, type Kafka } from '../../src/sinks/kafka/client.js';
import { createRegistry, type Registry } from '../../src/sinks/kafka/registry.js';
import {
  createValueReader,
  subjectOf,
  type ValueFormat,
} from '../../src/sinks/kafka/value-format.js';
import { createRedis, type Redis } from '../../src/sinks/redis/client.js';
import { createLog } from '../../src/telemetry/log.js';
import { drained } from '../faults/drain.js';
import { dumpRedis, dumpRun, redisKeys, writeLines } from '../faults/dump.js';
import { withAdmin } from '../faults/log-faults.js';
import { outputs } from '../faults/member-config.js';
import { startWeir } from '../kills/weir-process.js';
import { serverFor } from '../servers.js';
import { type Input, produceInput, topics } from './kafka-nyc-input.js';

/** The servers of the proof, others' topics and keys among theirs. */
export interface ProofServers {
  readonly kafka: Kafka;
  readonly redis: Redis;
  readonly registry: Registry;
  readonly registryUrl: string;
  readonly clickhouse: string;
}

export interface ProofRun {
  readonly servers: ProofServers;
  readonly directory: string;
  readonly format: ValueFormat;
  /** Of topics, keys and the database; its own. */
  readonly name: string;
}

/** Log partitions of each stage. */
const partitions = 4;
const drainMsMax = 300_000;

/** @throws Error where one is not up */
export async function openServers(clickhouse: string): Promise<ProofServers> {
  const log = createLog({ level: 'error' });
  const [broker, nodes, registryUrl] = (['kafka', 'redis-cluster', 'registry'] as const).map(
    (name) => {
      const address = serverFor(name);
      if (address === null) throw new Error(`expected ${name} to run; npm run servers up`);
      return address;
    },
  ) as [string, string, string]; // one for each name
  const access = { username: null, password: null, tls: null };
  const redis = createRedis(
    { ...access, nodes: nodes.split(','), cluster: true, database: 0, prefix: '' },
    log,
  );
  await redis.connected(10_000);
  const place = { brokers: [broker], clientId: 'kafka-nyc', tls: null, sasl: null };
  return {
    kafka: createKafka({ ...place, sessionTimeoutMs: 30_000 }, log),
    redis,
    registry: createRegistry({ url: registryUrl, username: null, password: null }, log),
    registryUrl,
    clickhouse,
  };
}

function configText({ servers, directory, format, name }: ProofRun, redisPrefix: string): string {
  const { kafka, redis, registryUrl, clickhouse } = servers;
  const sources = topics.map((one) => `    ${one}: { name: ${name}.${one}, format: ${format} }`);
  const written = outputs.map((one) => `    ${one}: { name: ${name}.${one} }`);
  return `pipeline: places
data: ${directory}/data
partitions: ${partitions}
kafka:
  brokers: ['${kafka.place.brokers.join("', '")}']
  prefix: ${name}.weir.
  topics:
${sources.join('\n')}
  outputs:
${written.join('\n')}
registry: { url: '${registryUrl}' }
redis:
  cluster: true
  nodes: ['${redis.place.nodes.join("', '")}']
  prefix: '${redisPrefix}'
clickhouse: { mode: server, url: '${clickhouse}', database: ${databaseOf(name)} }
snapshots: { every: 5s }
logs: { keep: 7d }
ingest: { idle_after: 1d }
server: { enabled: false }
log: { format: json, level: info }
`;
}

function databaseOf(name: string): string {
  return name.replaceAll('-', '_');
}

/**
 * Produces, runs Weir until all is taken, rehydrates a second prefix as of `atMs`, dumps it all.
 */
export async function runOverKafka(run: ProofRun, input: Input, atMs: number): Promise<void> {
  const { servers, directory, format, name } = run;
  const { kafka, redis, registry } = servers;
  const prefix = `${name}.`;
  const secondPrefix = `as-of.${name}.`;
  await timed(`${format}: produced`, () => produceInput(kafka, registry, prefix, input, format));
  await timed(`${format}: taken`, () => runUntilDrained(run, prefix));
  await timed(`${format}: rehydrated`, async () => {
    const config = join(directory, 'as-of.yaml');
    writeFileSync(config, configText(run, secondPrefix));
    await weir(run, ['rehydrate', '--config', config, '--as-of', new Date(atMs).toISOString()]);
  });
  await timed(`${format}: dumped`, async () => {
    const reader = createValueReader(format, registry);
    const place = { servers, directory, prefix, database: databaseOf(name), reader };
    await dumpRun(place, { partitions, clockJumped: false, flushedMs: null });
    await writeLines(directory, 'redis-as-of', (write) => dumpRedis(redis, secondPrefix, write));
  });
}

async function runUntilDrained(run: ProofRun, prefix: string): Promise<void> {
  const config = join(run.directory, 'weir.yaml');
  writeFileSync(config, configText(run, prefix));
  const { child, ended } = startWeir(['run', '--config', config]);
  const left = await Promise.race([
    drained(run.servers.kafka, prefix, drainMsMax),
    ended.then(() => ['weir ended before all was taken']),
  ]);
  child.kill('SIGTERM');
  const { code, stderr, stdout } = await ended;
  writeFileSync(join(run.directory, 'weir.log'), stdout + stderr);
  if (left.length > 0)
    throw new Error(`not drained: ${left.join(', ')}; ${run.directory}/weir.log`);
  if (code !== 0) throw new Error(`weir ended with ${code}; ${run.directory}/weir.log`);
}

async function weir({ directory }: ProofRun, args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await startWeir(args).ended;
  writeFileSync(join(directory, `${args[0]}.log`), stdout + stderr);
  if (code !== 0) throw new Error(`weir ${args[0]} ended with ${code}: ${stderr}`);
}

/** Says how long it took. */
export async function timed<Value>(what: string, step: () => Promise<Value>): Promise<Value> {
  const before = performance.now();
  const value = await step();
  console.log(`${what} in ${((performance.now() - before) / 1_000).toFixed(1)} s`);
  return value;
}

/** What the run left on servers that others use too. */
export async function clearRun({ servers, name }: ProofRun): Promise<void> {
  const { kafka, redis, registryUrl } = servers;
  for (const prefix of [`${name}.`, `as-of.${name}.`]) {
    for await (const keys of redisKeys(redis, prefix)) {
      await Promise.all(keys.map((key) => redis.callKey('UNLINK', [key])));
    }
  }
  for (const topic of topics) {
    await fetch(`${registryUrl}/subjects/${subjectOf(`${name}.${topic}`)}`, { method: 'DELETE' });
  }
  await withAdmin(kafka, async (admin) => {
    const own = (await admin.listTopics()).filter((topic) => topic.startsWith(`${name}.`));
    if (own.length > 0) await admin.deleteTopics({ topics: own });
  });
}
