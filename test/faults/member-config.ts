import type { FaultServers } from './fault-servers.js';

export type Role = 'all' | 'ingest' | 'features' | 'monitors';

export interface MemberConfig {
  readonly role: Role;
  readonly prefix: string;
  readonly database: string;
  readonly data: string;
  readonly sessionTimeoutMs: number;
}

export const logPartitions = 3;
export const outputs = [
  'feature-updates',
  'scores',
  'drift-alerts',
  'retraining-events',
  'dead-letters',
];

/**
 * Settings of one process: snapshots often, blocks small, so that faults find all of it under way.
 */
export function memberConfig(servers: FaultServers, own: MemberConfig): string {
  const { prefix, database } = own;
  const named = (names: readonly string[]): string =>
    names.map((name) => `    ${name}: { name: ${prefix}${name} }`).join('\n');
  return `pipeline: places
data: ${own.data}
role: ${own.role}
partitions: ${logPartitions}
kafka:
  brokers: ['${servers.kafkaProxy.address}']
  prefix: ${prefix}weir.
  session_timeout: ${own.sessionTimeoutMs}ms
  topics:
${named(['interactions', 'place-updates', 'context'])}
  outputs:
${named(outputs)}
redis:
  nodes: ['${servers.redisProxy.address}']
  prefix: '${prefix}'
clickhouse:
  mode: server
  url: ${servers.clickhouseProxy.url}
  database: ${database}
  batch_rows: 500
  batch_age: 200ms
snapshots: { every: 2s }
logs: { keep: 7d }
ingest: { idle_after: 1d, batch_records: 64 }
server: { enabled: false }
monitors: { capture_periods: null }
log: { format: json, level: info }
`;
}
