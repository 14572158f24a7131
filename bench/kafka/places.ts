import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createKafka } from '../../src/sinks/kafka/client.js';
import { createLog } from '../../src/telemetry/log.js';
import { createSources, produceFiles, removeTopics } from './feed.js';
import { placesConfig } from './places-config.js';
import {
  cpuOfProcess,
  listenerOf,
  removeAll,
  startWeir,
  type WeirProcess,
} from './weir-process.js';

// The whole way of `places`: Kafka, features (scores, monitors), Redis and ClickHouse, by
// `weir run`, over events that are in Kafka before it starts.
//   node .build/bench/kafka/places.js --world DIR [--parts views|scores|monitors] [--workers N] …
// DIR is what `weir generate --partitions 4 --out DIR` wrote. The rate is interactions divided by
// the
// time from the first second of work to everything being acknowledged by every sink.

const { values } = parseArgs({
  options: {
    world: { type: 'string' },
    parts: { type: 'string', default: 'monitors' },
    workers: { type: 'string', default: '1' },
    kafka: { type: 'string', default: '127.0.0.1:19092' },
    redis: { type: 'string', default: '127.0.0.1:17001,127.0.0.1:17002,127.0.0.1:17003' },
    clickhouse: { type: 'string', default: 'embedded' },
    batch: { type: 'string', default: '512' },
    port: { type: 'string', default: '18600' },
    scratch: { type: 'string', default: join(tmpdir(), 'weir-bench') },
    'node-args': { type: 'string', default: '' },
    profile: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});
const run = `b${Date.now().toString(36)}`;
const workers = Number(values.workers);
const directory = join(values.scratch, run);
const brokers = values.kafka.split(',');
const log = createLog({ level: 'error' });
const place = { tls: null, sasl: null, sessionTimeoutMs: 10_000 };
const kafka = createKafka({ brokers, clientId: 'weir-bench', ...place }, log);
const pipeline =
  values.parts === 'monitors'
    ? 'places'
    : fileURLToPath(new URL(`places-${values.parts}.js`, import.meta.url));

await createSources(kafka, `${run}.`);
const counts = await produceFiles(kafka, `${run}.`, values.world!);
const redis = values.redis === 'off' ? [] : values.redis.split(',');
const profiling = ['--cpu-prof', `--cpu-prof-dir=${join(directory, 'profile')}`];
const servers = { kafka: brokers.map(listenerOf), redis: redis.map(listenerOf) };
const before = cpuNow();
const weir = startWeir({
  directory,
  config: placesConfig({
    pipeline,
    prefix: `${run}.`,
    brokers,
    redis,
    clickhouse: values.clickhouse,
    batchRecords: Number(values.batch),
  }),
  workers,
  port: Number(values.port),
  nodeArgs: [
    ...values['node-args'].split(' ').filter((arg) => arg !== ''),
    ...(values.profile ? profiling : []),
  ],
});
try {
  report(await watch(weir));
} finally {
  await weir.stop();
  await removeTopics(kafka, `${run}.`);
  if (!values.keep && !values.profile) removeAll(directory);
}
process.exit();

interface Watched {
  readonly seconds: number;
  readonly records: number;
  readonly startup: number;
  readonly rows: number;
  readonly cpu: ReturnType<WeirProcess['cpu']>;
}

/** From the first records taken until nothing is left anywhere. */
async function watch(one: WeirProcess): Promise<Watched> {
  const total = Object.values(counts).reduce((a, b) => a + b, 0);
  const startMs = performance.now();
  let firstMs = 0;
  let first = 0;
  let startCpu = one.cpu();
  let last = '';
  let changedMs = 0;
  let rows = 0;
  let cpu = startCpu;
  for (;;) {
    await delay(500);
    if (one.ended()) throw new Error(one.log());
    const now = await readings(one).catch(() => null);
    if (now === null || now.taken === 0) {
      if (performance.now() - startMs > 120_000) throw new Error(one.log());
      continue;
    }
    if (firstMs === 0) {
      firstMs = performance.now();
      first = now.taken;
      startCpu = one.cpu();
    }
    const text = JSON.stringify(now);
    if (text !== last) {
      changedMs = performance.now();
      cpu = one.cpu();
      rows = now.rows;
    }
    last = text;
    const drained = now.taken >= total && now.lag === 0 && now.pending === 0;
    if (drained && performance.now() - changedMs > 1_500) break;
    if (performance.now() - changedMs > 60_000) throw new Error(`stuck: ${text}`);
  }
  return {
    seconds: (changedMs - firstMs) / 1_000,
    records: total - first,
    startup: (firstMs - startMs) / 1_000,
    rows,
    cpu: {
      weir: cpu.weir - startCpu.weir,
      clickhouse: cpu.clickhouse - startCpu.clickhouse,
    },
  };
}

async function readings(one: WeirProcess) {
  const [taken = 0, lag, pending, rows = 0] = await one.metrics([
    'weir_records_in_total',
    'weir_task_lag_messages',
    'weir_sink_pending_rows',
    'weir_sink_rows_total',
  ]);
  return { taken, lag, pending, rows };
}

function cpuNow() {
  const sum = (pids: readonly number[]) => pids.reduce((all, pid) => all + cpuOfProcess(pid), 0);
  return { kafka: sum(servers.kafka), redis: sum(servers.redis) };
}

function report({ seconds, records, startup, rows, cpu }: Watched): void {
  const after = cpuNow();
  const perRecord = (time: number): string => ((time / records) * 1e6).toFixed(1);
  const line = {
    parts: values.parts,
    workers,
    clickhouse: values.clickhouse,
    redis: redis.length,
    records,
    seconds: Number(seconds.toFixed(1)),
    records_per_second: Math.round(records / seconds),
    rows_written: rows,
    startup_s: Number(startup.toFixed(1)),
    cpu_us_per_record: {
      weir: perRecord(cpu.weir),
      embedded_clickhouse: perRecord(cpu.clickhouse),
      kafka: perRecord(after.kafka - before.kafka),
      redis: perRecord(after.redis - before.redis),
    },
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
