import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createKafka } from '../../src/sinks/kafka/client.js';
import { createLog } from '../../src/telemetry/log.js';
import { createSources, removeTopics, sourcePartitions } from './feed.js';
import { placesConfig } from './places-config.js';
import { removeAll, startWeir, type WeirProcess } from './weir-process.js';

// How long a process takes from its start until it has all tasks of `--keys` users, J1's state
// each,
// from the snapshots in Kafka: one that was stopped, and one that was killed with a log behind it.
//   node .build/bench/kafka/restore.js [--keys 1000000] [--events 2]

const { values } = parseArgs({
  options: {
    keys: { type: 'string', default: '1000000' },
    events: { type: 'string', default: '2' },
    kafka: { type: 'string', default: '127.0.0.1:19092' },
    port: { type: 'string', default: '18800' },
    scratch: { type: 'string', default: join(tmpdir(), 'weir-bench') },
  },
});
const run = `r${Date.now().toString(36)}`;
const directory = join(values.scratch, run);
const brokers = values.kafka.split(',');
const keys = Number(values.keys);
const log = createLog({ level: 'error' });
const place = { tls: null, sasl: null, sessionTimeoutMs: 10_000 };
const kafka = createKafka({ brokers, clientId: 'weir-bench', ...place }, log);
const startMs = Date.UTC(2026, 0, 1);
const config = placesConfig({
  pipeline: fileURLToPath(new URL('./j1-pipeline.js', import.meta.url)),
  prefix: `${run}.`,
  brokers,
  redis: [],
  clickhouse: 'off',
  batchRecords: 512,
});

await createSources(kafka, `${run}.`);
await produce();
try {
  const first = start();
  await until(first, async () => {
    const [taken, lag] = await first.metrics(['weir_records_in_total', 'weir_task_lag_messages']);
    return taken === keys * Number(values.events) && lag === 0;
  });
  const [held, bytes = 0] = await first.metrics(['weir_task_keys', 'weir_task_state_bytes']);
  await first.stop();
  const beforeMs = performance.now();
  const second = start();
  let readyMs = 0;
  await until(second, async () => {
    const count = loadsOf(second).length;
    readyMs = performance.now();
    return count === 2 * sourcePartitions; // the view's tasks and those of refused records
  });
  const loads = loadsOf(second);
  const cpu = second.cpu().weir;
  await second.stop();
  const line = {
    keys: held,
    state_mb: Math.round(bytes / 1e6),
    from_start_s: Number(((readyMs - beforeMs) / 1_000).toFixed(1)),
    slowest_task_s: Math.max(...loads),
    cpu_s: cpu,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
} finally {
  await removeTopics(kafka, `${run}.`);
  removeAll(directory);
}
process.exit();

/** Seconds that each task took to load, as the log tells. */
function loadsOf(weir: WeirProcess): number[] {
  const lines = weir.log().split('\n');
  return lines
    .filter((line) => line.includes('"task taken"'))
    .map((line) => Number((JSON.parse(line) as { seconds: string }).seconds));
}

function start(): WeirProcess {
  const port = Number(values.port);
  return startWeir({ directory, config, workers: 1, port, nodeArgs: [] });
}

async function until(weir: WeirProcess, reached: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 1_200; i++) {
    if (weir.ended()) throw new Error(weir.log());
    if (await reached().catch(() => false)) return;
    await delay(100);
  }
  throw new Error(`not reached in 2 minutes: ${weir.log()}`);
}

/** Every user an event of each hour, so that no window holds one pane only. */
async function produce(): Promise<void> {
  const producer = kafka.producer();
  await producer.connect();
  for (let round = 0; round < Number(values.events); round++) {
    const timestamp = new Date(startMs + round * 3_600_000 + 1_000).toISOString();
    for (let from = 1; from <= keys; from += 4_000) {
      const messages = Array.from({ length: Math.min(4_000, keys - from + 1) }, (_, i) => ({
        value: JSON.stringify({ user_id: from + i, event_type: 'view', timestamp }),
        partition: (from + i) % sourcePartitions,
      }));
      await producer.send({ topic: `${run}.interactions`, messages });
    }
  }
  await producer.disconnect();
}
