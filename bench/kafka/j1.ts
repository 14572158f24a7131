import { wanted } from '../../src/features/view-state.js';
import { j1 } from '../../src/pipelines/j1.js';
import { createKafka } from '../../src/sinks/kafka/client.js';
import { KafkaOutput } from '../../src/sinks/kafka/output.js';
import { createValueReader } from '../../src/sinks/kafka/value-format.js';
import { Cluster } from '../../src/streams/cluster/cluster.js';
import { featureKinds } from '../../src/streams/cluster/feature-kinds.js';
import { namesOf, refusedStage } from '../../src/streams/cluster/names.js';
import { RefusedLogTask } from '../../src/streams/cluster/refused-log-task.js';
import { defaultIngestSettings } from '../../src/streams/ingest/batch-builder.js';
import { definitionOf, pipeline } from '../../src/streams/pipeline.js';
import { createLog } from '../../src/telemetry/log.js';
import { j1Output } from './j1-output.js';

// BROKER=HOST:PORT node .build/bench/kafka/j1.js [RUN]
// The comparison job J1 from the topic bench-in to the topic bench-out: what `weir run` does, with
// one output of its own, the vector after each event. Processes given the same RUN share the work.
// ROLE=ingest and ROLE=features split it as `weir run --role` does. Runs until SIGTERM.

const [run = String(Date.now())] = process.argv.slice(2);
const { BROKER = '127.0.0.1:29192', LINGER = '0', BATCH = '2048', ROLE = 'all' } = process.env;
const partitions = 4;
const { latenessMs, disorderMs } = defaultIngestSettings;

const log = createLog();
const place = { tls: null, sasl: null, sessionTimeoutMs: 10_000 };
const kafka = createKafka({ brokers: [BROKER], clientId: 'weir', ...place }, log);
const definition = pipeline({ name: 'j1', views: [j1] });
const names = namesOf(`bench-weir-${run}.`, definition.name);
const producer = kafka.producer();
await producer.connect();
const refused = (_: unknown, reason: string): void => log.error('refused', { reason });
const limits = { lingerMs: Number(LINGER), requestMessages: 16_000, requestBytes: 900_000 };
const output = new KafkaOutput(producer, refused, { ...limits, pendingMax: 40_000 });
const cluster = new Cluster({
  kafka,
  names,
  pipeline: definition,
  partitions,
  replication: 1,
  start: 'earliest',
  ingest: { latenessMs, disorderMs, batchRecords: Number(BATCH), idleAfterMs: 10_000 },
  snapshotEveryMs: 30_000,
  logsKeepMs: 3_600_000,
  sources: new Map([
    ['interactions', { name: 'bench-in', reader: createValueReader('json', null) }],
  ]),
  outputs: [],
  log,
});
const { epoch, cache } = await cluster.prepare();
const kinds = featureKinds({
  pipeline: definition,
  names,
  partitions,
  epoch,
  latenessMs,
  disorderMs,
  probes: [],
  cache,
  vectors: wanted.after,
  outputs: (_, partition) => [j1Output(output, 'bench-out', partition)],
});
kinds.push({
  name: refusedStage,
  topic: names.log(refusedStage),
  definition: definitionOf(definition, partitions),
  create: () => new RefusedLogTask(definition.topics, []),
});
process.on('SIGTERM', () => process.exit());
const parts = ROLE === 'ingest' ? [] : [{ role: 'features', kinds }];
await cluster.start(parts, ROLE !== 'features');
await cluster.failed;
