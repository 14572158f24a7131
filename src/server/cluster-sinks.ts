import type { ClickhouseSink } from '../sinks/clickhouse/sink.js';
import type { KafkaOutput } from '../sinks/kafka/output.js';
import type { RedisSink } from '../sinks/redis/sink.js';
import type { PartReadiness } from './engine-view.js';
import type { SinkName } from './sink-metrics.js';

/** What the tasks of this process write to; null where it is not configured. */
export interface ClusterSinks {
  readonly clickhouse: {
    part(): PartReadiness;
    readonly sink: Pick<ClickhouseSink, 'state'>;
  } | null;
  readonly redis: Pick<RedisSink, 'state'> | null;
  readonly output: Pick<KafkaOutput, 'state' | 'add' | 'flush'>;
}

/** A sink that takes nothing now, and why. */
export interface Stall {
  readonly sink: SinkName;
  readonly why: string;
}

/** A request that goes unanswered for so long is told of, ms. */
const unansweredMsMax = 5_000;

const takes: Readonly<Record<SinkName, string>> = {
  clickhouse: 'ClickHouse does not take rows',
  redis: 'Redis does not take vectors',
  kafka: 'Kafka does not take records',
};

export function stallsOf({ clickhouse, redis, output }: ClusterSinks): Stall[] {
  const stalls: Stall[] = [];
  const part = clickhouse?.part();
  if (part !== undefined && !part.ready) stalls.push({ sink: 'clickhouse', why: part.why });
  const waitingFor = redis?.state().waitingFor ?? null;
  if (waitingFor !== null) stalls.push({ sink: 'redis', why: waitingFor });
  const { waitingSinceMs } = output.state();
  const waitedMs = waitingSinceMs === null ? 0 : Date.now() - waitingSinceMs;
  if (waitedMs > unansweredMsMax) {
    const why = `a request has gone unanswered for ${Math.floor(waitedMs / 1_000)} s`;
    stalls.push({ sink: 'kafka', why });
  }
  return stalls;
}

/** Each cause with what waits for it, a sentence each. */
export function pausesOf(stalls: readonly Stall[], waiting: readonly string[]): string[] {
  const names =
    waiting.length > 4 ? [...waiting.slice(0, 3), `${waiting.length - 3} more`] : waiting;
  const tasks = names.join(', ');
  const consequence =
    waiting.length === 0
      ? 'rows wait here while there is room'
      : `consumption is paused in ${tasks}: the logs keep what comes`;
  const causes = stalls.map(({ sink, why }) => `${takes[sink]}: ${why}; ${consequence}`);
  if (causes.length > 0 || waiting.length === 0) return causes;
  return [`The sinks are slower than the logs; consumption pauses in ${tasks} now and then`];
}
