import { createKafka, type Kafka } from '../../src/sinks/kafka/client.js';
import { createRedis, type Redis } from '../../src/sinks/redis/client.js';
import { createLog } from '../../src/telemetry/log.js';
import { type PrivateServers, startServers } from '../private-servers.js';
import { createProxy, kafkaProxyOptions, type Proxy as NetworkProxy } from '../toxiproxy.js';
import { type ClickhouseProxy, startClickhouseProxy } from './clickhouse-proxy.js';

/**
 * The servers of a campaign, each behind a proxy that Weir goes through; the campaign itself does
 * not.
 */
export interface FaultServers {
  readonly servers: PrivateServers;
  /** Past the proxy. */
  readonly kafka: Kafka;
  readonly kafkaProxy: NetworkProxy;
  readonly redisProxy: NetworkProxy;
  readonly clickhouseProxy: ClickhouseProxy;
  readonly redis: Redis;
  readonly clickhouse: string;
  /** FLUSHALL. */
  flushRedis(): Promise<void>;
  close(): Promise<void>;
}

export async function startFaultServers(): Promise<FaultServers> {
  const servers = await startServers('kafka', 'redis', 'clickhouse', 'toxiproxy');
  const broker = servers.address('kafka');
  const redis = redisAt(servers.address('redis'));
  await redis.connected(5_000);
  const clickhouse = servers.address('clickhouse');
  const api = servers.address('toxiproxy');
  const kafkaProxy = await createProxy(api, kafkaProxyOptions(broker));
  const redisProxy = await createProxy(api, { upstream: servers.address('redis') });
  const clickhouseProxy = await startClickhouseProxy(clickhouse);
  return {
    servers,
    kafka: kafkaAt(broker),
    kafkaProxy,
    redisProxy,
    clickhouseProxy,
    redis,
    clickhouse,
    flushRedis: async () => {
      await redis.callKey('FLUSHALL', []);
    },
    close: async () => {
      redis.close();
      await clickhouseProxy.close();
      await servers.close();
    },
  };
}

function kafkaAt(broker: string): Kafka {
  const log = createLog({ level: 'error' });
  const place = { brokers: [broker], clientId: 'faults', tls: null, sasl: null };
  return createKafka({ ...place, sessionTimeoutMs: 30_000 }, log);
}

function redisAt(node: string): Redis {
  const place = { nodes: [node], cluster: false, username: null, password: null, tls: null };
  return createRedis({ ...place, database: 0, prefix: '' }, createLog({ level: 'error' }));
}
