import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../src/generate/random.js';
import { failPoints } from '../../src/telemetry/fail-point.js';
import type { Proxy as NetworkProxy } from '../toxiproxy.js';
import type { ProxyMode } from './clickhouse-proxy.js';
import { between, integer, pick } from './draw.js';
import type { FaultServers } from './fault-servers.js';
import { repeatFrames, tearSnapshots } from './log-faults.js';
import type { StartOptions } from './member.js';
import { type Members, sessionTimeoutMs } from './members.js';

export interface FaultPlace {
  readonly servers: FaultServers;
  readonly members: Members;
  readonly random: Random;
  readonly prefix: string;
  /** While so long records come, ms. */
  readonly spanMs: number;
  readonly notes: RunNotes;
}

/** What the comparison has to know of a run. */
export interface RunNotes {
  clockJumped: boolean;
  /** Redis lost all it had, and is to be written again. */
  flushed: boolean;
}

/** What goes wrong, and for how long; it is over when the promise resolves. */
export interface FaultKind {
  readonly name: string;
  readonly what: string;
  /** How the first process is started, for what happens inside it. */
  readonly start?: (random: Random, notes: RunNotes) => StartOptions;
  readonly inject?: (place: FaultPlace) => Promise<void>;
}

/** Points that a pipeline without models passes. */
const points = failPoints.filter((name) => !name.startsWith('policy.'));

export const faultKinds: readonly FaultKind[] = [
  {
    name: 'kill',
    what: 'kill -9 of a process at any moment',
    inject: async ({ members }) => members.any().kill(),
  },
  {
    name: 'fail-point',
    what: 'kill -9 of a process right before or after a write that others see',
    start: (random) => {
      const point = pick(random, points);
      const most = point.startsWith('snapshot') || point === 'ingest.committed' ? 6 : 50;
      return { failPoint: `${point}:${integer(random, 1, most)}` };
    },
  },
  {
    name: 'zombie',
    what: 'a process stands still past its session timeout, then goes on',
    inject: async ({ members, random }) => {
      const member = members.any();
      member.pause();
      await delay(sessionTimeoutMs + between(random, 1_000, 4_000));
      member.resume();
    },
  },
  {
    name: 'broker-kill',
    what: 'the broker is killed (-9) and restarted on its data',
    inject: async ({ servers, random }) => {
      await servers.servers.kill('kafka');
      await delay(between(random, 0, 2_000));
      await servers.servers.restart('kafka');
    },
  },
  ...proxied('kafka', 'Kafka', ({ kafkaProxy }) => kafkaProxy),
  ...proxied('redis', 'Redis', ({ redisProxy }) => redisProxy),
  {
    name: 'redis-flush',
    what: 'Redis loses all it holds; `weir rehydrate` writes it again',
    inject: async ({ servers, notes }) => {
      await servers.flushRedis();
      notes.flushed = true;
    },
  },
  clickhouse('refuse', 'ClickHouse refuses inserts'),
  clickhouse('hang', 'ClickHouse does not answer'),
  clickhouse('lose', 'ClickHouse acts, and its answers are lost'),
  {
    name: 'clickhouse-kill',
    what: 'ClickHouse is killed (-9) and restarted on its data',
    inject: async ({ servers, random }) => {
      await servers.servers.kill('clickhouse');
      await delay(between(random, 0, 2_000));
      await servers.servers.restart('clickhouse');
    },
  },
  {
    name: 'clock-jump',
    what: "a process's clock is 36 h behind, or 50 min ahead",
    start: (random, notes) => {
      notes.clockJumped = true;
      return { clockShiftMs: pick(random, [-36 * 60, 50]) * 60_000 };
    },
  },
  {
    name: 'scale',
    what: 'a process is added and one removed',
    inject: async ({ members, random }) => {
      const leaving = members.any();
      members.add('all').start();
      await delay(between(random, 500, 5_000));
      await members.remove(leaving);
    },
  },
  {
    name: 'torn-snapshot',
    what: 'the newest snapshot lacks chunks; a process is killed and reads it',
    inject: async ({ servers, members, prefix, random }) => {
      await untilSome(() => tearSnapshots(servers.kafka, prefix));
      await delay(between(random, 0, 300));
      members.any().kill();
    },
  },
  {
    name: 'repeat',
    what: 'ingest appends what the logs have, again',
    inject: ({ servers, prefix, random }) => {
      const count = integer(random, 1, 30);
      return untilSome(() => repeatFrames(servers.kafka, prefix, count));
    },
  },
];

/** Does it again while there is nothing yet to do it to. */
async function untilSome(step: () => Promise<number>): Promise<void> {
  for (let tries = 0; tries < 40 && (await step()) === 0; tries++) await delay(500);
}

function proxied(
  name: string,
  what: string,
  proxyOf: (servers: FaultServers) => NetworkProxy,
): FaultKind[] {
  const kind = (
    fault: string,
    sentence: string,
    begin: (proxy: NetworkProxy) => Promise<void>,
  ): FaultKind => ({
    name: `${name}-${fault}`,
    what: sentence,
    inject: async ({ servers, random }) => {
      const proxy = proxyOf(servers);
      await begin(proxy);
      await delay(between(random, 500, 8_000));
      await proxy.restore();
    },
  });
  return [
    kind('cut', `connections to ${what} are cut and refused`, (proxy) => proxy.cut()),
    kind('slow', `${what} answers 300 ms later`, (proxy) => proxy.slow(300)),
    kind('hang', `connections to ${what} stay open, nothing comes through`, (proxy) =>
      proxy.hang(),
    ),
  ];
}

function clickhouse(mode: Exclude<ProxyMode, 'pass'>, what: string): FaultKind {
  return {
    name: `clickhouse-${mode}`,
    what,
    inject: async ({ servers: { clickhouseProxy }, random }) => {
      clickhouseProxy.mode = mode;
      await delay(between(random, 500, 8_000));
      clickhouseProxy.mode = 'pass';
    },
  };
}
