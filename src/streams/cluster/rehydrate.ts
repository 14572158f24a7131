import type { Stage } from '../../operators/stage.js';
import type { Admin, Kafka } from '../../sinks/kafka/client.js';
import type { RedisSink } from '../../sinks/redis/sink.js';
import type { Log } from '../../telemetry/log.js';
import type { FeatureLogTask } from './feature-log-task.js';
import type { LogMessage, TaskKind } from './log-task.js';
import type { Names } from './names.js';
import { readRanges } from './read-range.js';
import { SnapshotTopic } from './snapshot-topic.js';

export interface RehydrateSettings {
  readonly kafka: Kafka;
  readonly names: Names;
  readonly stages: readonly Stage[];
  readonly kinds: readonly TaskKind[];
  readonly partitions: number;
  /** Vectors whose own instant lies before it are evaluated at it, ms; -Infinity for none. */
  readonly atMs: number;
  readonly sink: RedisSink;
  readonly log: Log;
}

const messagesAtOnce = 64;

/**
 * Writes every entity's latest vector again, task by task: its newest snapshot and the log since. A
 * running engine is not disturbed: what it wrote meanwhile is newer, or the same.
 * @returns vectors given to the store
 */
export async function rehydrate(settings: RehydrateSettings): Promise<number> {
  const { kafka, kinds, partitions, atMs, sink, log } = settings;
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  try {
    let written = 0;
    for (const kind of kinds) {
      const topic = settings.names.snapshots(kind.name);
      const use = { producer, admin, log };
      const snapshots = new SnapshotTopic(kafka, topic, kind.definition, use);
      for (let partition = 0; partition < partitions; partition++) {
        const task = kind.create(partition) as FeatureLogTask; // the kinds of feature stages
        await recover(settings, admin, snapshots, kind, partition, task);
        for (const latests of task.all(atMs)) {
          sink.write(latests);
          written += latests.length;
          await sink.ready();
        }
        log.info('task rehydrated', { task: `${kind.name}.${partition}`, vectors: written });
      }
    }
    await sink.flush();
    return written;
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  }
}

async function recover(
  { kafka }: RehydrateSettings,
  admin: Admin,
  snapshots: SnapshotTopic,
  { topic }: TaskKind,
  partition: number,
  task: FeatureLogTask,
): Promise<void> {
  const snapshot = await snapshots.read(partition);
  if (snapshot !== null) task.restore(snapshot.parts);
  const offsets = await admin.fetchTopicOffsets(topic);
  const to = Number(offsets.find((one) => one.partition === partition)?.high ?? 0);
  const range = { topic, partition, from: snapshot?.next ?? 0, to };
  let piece: LogMessage[] = [];
  await readRanges(kafka, [range], (_, { offset, value }) => {
    piece.push({ offset: Number(offset), key: '', value: value! });
    if (piece.length < messagesAtOnce) return;
    task.process(piece);
    piece = [];
  });
  task.process(piece);
}
