import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { createKafka } from '../../src/sinks/kafka/client.js';
import { createRedis } from '../../src/sinks/redis/client.js';
import { createLog } from '../../src/telemetry/log.js';
import { createSources, removeTopics } from './feed.js';
import type { LoadSettings, Probe } from './load.js';
import { placesConfig } from './places-config.js';
import { removeAll, startWeir } from './weir-process.js';

// From an event being given to a producer to its vector being read from Redis, under a fixed load.
//   node .build/bench/kafka/freshness.js --file interactions-0.ndjson --rate 12500
// Every 50 ms one event of a user never seen before goes with the others; its hash is asked for
// with EXISTS about every other millisecond until it is there. The first `--warm` seconds are left
// out.

const { values } = parseArgs({
  options: {
    file: { type: 'string' },
    rate: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '40' },
    warm: { type: 'string', default: '15' },
    parts: { type: 'string', default: 'monitors' },
    kafka: { type: 'string', default: '127.0.0.1:19092' },
    redis: { type: 'string', default: '127.0.0.1:17001,127.0.0.1:17002,127.0.0.1:17003' },
    clickhouse: { type: 'string', default: 'embedded' },
    batch: { type: 'string', default: '512' },
    port: { type: 'string', default: '18700' },
    scratch: { type: 'string', default: join(tmpdir(), 'weir-bench') },
    'node-args': { type: 'string', default: '' },
  },
});
const run = `f${Date.now().toString(36)}`;
const directory = join(values.scratch, run);
const brokers = values.kafka.split(',');
const nodes = values.redis.split(',');
const log = createLog({ level: 'error' });
const kafkaPlace = { tls: null, sasl: null, sessionTimeoutMs: 10_000 };
const kafka = createKafka({ brokers, clientId: 'weir-bench', ...kafkaPlace }, log);
const redisPlace = { username: null, password: null, tls: null, database: 0, prefix: '' };
const redis = createRedis({ nodes, cluster: nodes.length > 1, ...redisPlace }, log);
await redis.connected(5_000);
await createSources(kafka, `${run}.`);
const weir = startWeir({
  directory,
  config: placesConfig({
    pipeline:
      values.parts === 'monitors'
        ? 'places'
        : fileURLToPath(new URL(`places-${values.parts}.js`, import.meta.url)),
    prefix: `${run}.`,
    brokers,
    redis: nodes,
    clickhouse: values.clickhouse,
    batchRecords: Number(values.batch),
  }),
  workers: 1,
  port: Number(values.port),
  nodeArgs: values['node-args'].split(' ').filter((arg) => arg !== ''),
});
try {
  while (!/source partition taken/.test(weir.log())) {
    if (weir.ended()) throw new Error(weir.log());
    await delay(200);
  }
  await delay(1_000);
  await measure();
} finally {
  await weir.stop();
  await removeTopics(kafka, `${run}.`);
  removeAll(directory);
}
process.exit();

async function measure(): Promise<void> {
  const seconds = Number(values.seconds);
  const settings: LoadSettings = {
    brokers,
    topic: `${run}.interactions`,
    file: values.file!,
    rate: Number(values.rate),
    seconds,
  };
  const waits: { readonly sentMs: number; readonly ms: number }[] = [];
  const asking: Promise<unknown>[] = [];
  const cpu = weir.cpu();
  const worker = new Worker(new URL('./load.js', import.meta.url), { workerData: settings });
  await new Promise<void>((resolve, reject) => {
    worker.once('error', reject);
    worker.on('message', (probe: Probe | null) => {
      if (probe === null) return resolve();
      asking.push(
        seen(probe.user).then((atMs) =>
          waits.push({ sentMs: probe.sentMs, ms: atMs - probe.sentMs }),
        ),
      );
    });
  });
  await Promise.race([Promise.all(asking), delay(30_000)]);
  const used = weir.cpu().weir - cpu.weir;
  const [firstMs = 0] = waits.map((one) => one.sentMs).sort((a, b) => a - b);
  const warm = waits.filter((one) => one.sentMs - firstMs >= Number(values.warm) * 1_000);
  const sorted = warm.map((one) => one.ms).sort((a, b) => a - b);
  const quantile = (q: number): number =>
    Number((sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN).toFixed(1));
  const line = {
    parts: values.parts,
    rate: settings.rate,
    seconds,
    probes: sorted.length,
    missing: asking.length - waits.length,
    p50_ms: quantile(0.5),
    p90_ms: quantile(0.9),
    p99_ms: quantile(0.99),
    max_ms: quantile(1),
    weir_cpu_share: Number((used / seconds).toFixed(2)),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** When the hash of the user is there. */
async function seen(user: string): Promise<number> {
  const key = `${run}.:{places:user_id:${user}}:user`;
  for (;;) {
    if ((await redis.callKey('EXISTS', [key])) === 1)
      return performance.timeOrigin + performance.now();
    await delay(2);
  }
}
