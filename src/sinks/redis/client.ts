import { readFileSync } from 'node:fs';
import { Redis as Client, Cluster, type ClusterOptions, type RedisOptions } from 'ioredis';
import { WeirError } from '../../errors.js';
import type { Log } from '../../telemetry/log.js';
import { jitteredWaitMs } from '../back-off.js';
import { keySlot } from './key-slot.js';

export interface RedisTls {
  /** Paths; null where the system's are used, or the server asks for none. */
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
}

/** How a Redis is reached. */
export interface RedisPlace {
  /** `host:port`; the first is the server, or all are nodes to learn a Cluster from. */
  readonly nodes: readonly string[];
  readonly cluster: boolean;
  readonly username: string | null;
  readonly password: string | null;
  readonly tls: RedisTls | null;
  /** Always 0 in a Cluster. */
  readonly database: number;
  /** Begins every key. */
  readonly prefix: string;
}

type Argument = string | number;

/**
 * A Redis that is connected to for ever. Nothing waits inside it: a command fails at once where it
 * cannot be sent, and within seconds where no answer comes; whoever sent it decides.
 */
export interface Redis {
  readonly place: RedisPlace;
  /** `host:port` of the node that serves the key; empty while that is not known. */
  nodeOf(key: string): string;
  /** Every node that takes writes, as far as they are known. */
  nodes(): readonly string[];
  /** A command to one node; in a Cluster it is not redirected. @throws WeirError redis-failed */
  callNode(node: string, command: string, args: readonly Argument[]): Promise<unknown>;
  /** A command to the node of its first key, redirected as asked. @throws WeirError redis-failed */
  callKey(command: string, args: readonly Argument[]): Promise<unknown>;
  /** Learns anew which node serves what, in the background. */
  refresh(): void;
  /** Resolves once connected. @throws WeirError redis-failed after `msMax` */
  connected(msMax: number): Promise<void>;
  close(): void;
}

const connectTimeoutMs = 3_000;
/** Of silence with a command under way; then the connection is made anew. */
const silenceMsMax = 5_000;

/**
 * Begins to connect.
 * @throws WeirError redis-failed where a TLS file cannot be read
 */
export function createRedis(place: RedisPlace, log: Log): Redis {
  const options: RedisOptions = {
    ...(place.username === null ? {} : { username: place.username }),
    ...(place.password === null ? {} : { password: place.password }),
    ...(place.tls === null ? {} : { tls: readTls(place.tls) }),
    connectTimeout: connectTimeoutMs,
    socketTimeout: silenceMsMax,
    // What was under way when a connection broke fails: the sink sends it again in its own time.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    disableClientInfo: true, // needs Redis 7.2, and a right more
  };
  return place.cluster ? openCluster(place, options, log) : openSingle(place, options, log);
}

function openSingle(place: RedisPlace, options: RedisOptions, log: Log): Redis {
  const node = place.nodes[0]!; // the settings ask for at least one
  const client = new Client({
    ...options,
    ...address(node),
    db: place.database,
    enableOfflineQueue: false,
    retryStrategy: retryMs,
    // A primary that was demoted answers so; its name may lead to the new one by now.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  });
  tell(client, log);
  const call = (command: string, args: readonly Argument[]): Promise<unknown> =>
    client.call(command, ...args).catch(failed);
  return {
    place,
    nodeOf: () => node,
    nodes: () => [node],
    callNode: (_, command, args) => call(command, args),
    callKey: call,
    refresh: () => {},
    connected: (msMax) => connected(client, place, msMax),
    close: () => client.disconnect(),
  };
}

function openCluster(place: RedisPlace, options: RedisOptions, log: Log): Redis {
  const clusterOptions: ClusterOptions = {
    redisOptions: options,
    clusterRetryStrategy: retryMs,
    enableOfflineQueue: false,
    maxRedirections: 5,
    slotsRefreshInterval: 10_000,
    scaleReads: 'master', // a replica may be behind what was acknowledged
  };
  const cluster = new Cluster(place.nodes.map(address), clusterOptions);
  tell(cluster, log);
  cluster.on('node error', (error: Error, node: string) => {
    log.debug(`redis: ${error.message}`, { node });
  });
  return {
    place,
    nodeOf: (key) => cluster.slots[keySlot(key)]?.[0] ?? '',
    nodes: () => cluster.nodes('master').map(nameOf),
    callNode: async (name, command, args) => {
      const node = cluster.nodes('master').find((one) => nameOf(one) === name);
      if (node !== undefined) return node.call(command, ...args).catch(failed);
      const which = name === '' ? 'the Cluster' : name;
      throw new WeirError('redis-failed', `not connected to ${which}; Weir keeps trying`);
    },
    callKey: (command, args) => cluster.call(command, ...args).catch(failed),
    refresh: () => cluster.refreshSlotsCache(() => {}),
    connected: (msMax) => connected(cluster, place, msMax),
    close: () => cluster.disconnect(),
  };
}

function nameOf(node: Client): string {
  return `${node.options.host}:${node.options.port}`;
}

function address(node: string): { host: string; port: number } {
  const colon = node.lastIndexOf(':');
  return {
    host: node.slice(0, colon).replace(/^\[|\]$/g, ''),
    port: Number(node.slice(colon + 1)),
  };
}

/** For ever, up to about 2 s apart. */
function retryMs(attempt: number): number {
  return jitteredWaitMs(attempt, 50, 2_000);
}

/** By message alone: an error of ioredis holds the command's arguments, a password among them. */
function failed(error: Error): never {
  throw new WeirError('redis-failed', wordsOf(error));
}

/** What ioredis says where a command cannot be sent is of its own settings. */
function wordsOf({ message }: Error): string {
  return message.startsWith("Stream isn't writeable") ? 'there is no connection now' : message;
}

/** One line when the connection is lost and one when it is back, however often it is tried. */
function tell(client: Client | Cluster, log: Log): void {
  let lost = false;
  client.on('ready', () => {
    log[lost ? 'info' : 'debug']('redis: connected');
    lost = false;
  });
  client.on('error', (error: Error) => {
    if (!lost) log.warn(`redis: ${wordsOf(error)}; Weir keeps trying`);
    lost = true;
  });
  client.on('reconnecting', () => {
    if (!lost) log.warn('redis: connection lost; Weir keeps trying');
    lost = true;
  });
}

function connected(client: Client | Cluster, place: RedisPlace, msMax: number): Promise<void> {
  if (client.status === 'ready') return Promise.resolve();
  return new Promise((resolve, reject) => {
    let cause = '';
    const onError = (error: Error): void => {
      cause = ` (${error.message})`;
    };
    const done = (): void => {
      clearTimeout(timer);
      client.off('error', onError);
      client.off('ready', onReady);
    };
    const onReady = (): void => {
      done();
      resolve();
    };
    const timer = setTimeout(() => {
      done();
      const where = place.nodes.join(', ');
      const message = `no connection to Redis at ${where} within ${msMax / 1_000} s${cause}; check that it runs, and redis.nodes, redis.cluster and the password in the settings`;
      reject(new WeirError('redis-failed', message));
    }, msMax);
    client.on('error', onError);
    client.once('ready', onReady);
  });
}

function readTls({ caFile, certFile, keyFile }: RedisTls) {
  const read = (path: string): string => {
    try {
      return readFileSync(path, 'utf8');
    } catch (cause) {
      throw new WeirError('redis-failed', `cannot read ${path}, a file of redis.tls`, { cause });
    }
  };
  return {
    ...(caFile === null ? {} : { ca: read(caFile) }),
    ...(certFile === null ? {} : { cert: read(certFile) }),
    ...(keyFile === null ? {} : { key: read(keyFile) }),
  };
}
