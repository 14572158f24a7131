import type { ViewShape } from '../src/features/shape.js';
import type { Latest } from '../src/records/vector.js';
import { createRedis } from '../src/sinks/redis/client.js';
import { createRedisSink } from '../src/sinks/redis/sink.js';
import { createLog } from '../src/telemetry/log.js';

// node .build/bench/redis-writes.js HOST:PORT[,HOST:PORT…] [FEATURES] [VECTORS]
// Prints vectors written per second by one process, each key written ten times. Overwrites keys
// that begin with `weir-bench:` and lets them expire.
const [addresses = '127.0.0.1:17000', features = '24', vectors = '400000'] = process.argv.slice(2);
const nodes = addresses.split(',');
const count = Number(vectors);

const view: ViewShape = {
  name: 'user',
  key: 'user_id',
  hash: '0123456789abcdef',
  features: Array.from({ length: Number(features) }, (_, i) => ({
    name: `feature_number_${i}`,
    type: 'number' as const,
    comment: '',
  })),
};

/** A third zeros, a third whole numbers, a third fractions. */
function sample(n: number, i: number): number {
  if (i % 3 === 0) return 0;
  return i % 3 === 1 ? (n * 7 + i) % 100 : ((n * 31 + i) % 1_000) / 7;
}

function vector(n: number): Latest {
  const values = view.features.map((_, i) => sample(n, i));
  const asOfMs = 1_767_225_600_000 + n;
  const key = `user-${n % (count / 10)}`;
  return { view, key, asOfMs, validUntilMs: asOfMs, position: { epoch: Date.now(), n }, values };
}

const log = createLog();
const place = { username: null, password: null, tls: null, database: 0, prefix: 'weir-bench:' };
const redis = createRedis({ nodes, cluster: nodes.length > 1, ...place }, log);
await redis.connected(5_000);
const ttlMs = new Map([['user', 600_000]]);
const sink = createRedisSink(redis, { pipeline: 'bench', views: [view], ttlMs });
const startMs = performance.now();
const startCpu = process.cpuUsage();
for (let n = 0; n < count; n += 400) {
  sink.write(Array.from({ length: 400 }, (_, i) => vector(n + i)));
  await sink.ready();
}
await sink.close(60_000);
const seconds = (performance.now() - startMs) / 1_000;
const { user, system } = process.cpuUsage(startCpu);
const { written, coalesced } = sink.state();
process.stdout.write(
  `${nodes.length} node(s), ${features} features: ${Math.round(written / seconds)} keys/s (${written} written, ${coalesced} coalesced), ${((user + system) / written).toFixed(1)} µs of this process per key\n`,
);
redis.close();
