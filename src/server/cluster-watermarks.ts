import type { Cluster } from '../streams/cluster/cluster.js';
import type { LaneState } from '../streams/cluster/ingest.js';
import { featuresHeld, type HeldFeatures } from './cluster-features.js';
import type { TopicWatermark } from './engine-view.js';

/** By event topic: the lowest watermark of this process's tasks, and what holds it. */
export function clusterWatermarks(cluster: Cluster): TopicWatermark[] {
  const { topics } = cluster.settings.pipeline;
  const sources = topics.filter(({ kind }) => kind === 'source');
  return sources.flatMap(({ topic }): TopicWatermark[] => {
    const slowest = slowestOf(cluster, topic);
    if (slowest === undefined) return [];
    const { watermarks, settings } = slowest.task;
    const { watermarkMs } = settings.task;
    const holder = watermarks.holder(topic);
    return [
      {
        topic,
        watermarkMs: Number.isFinite(watermarkMs) ? watermarkMs : null,
        holder: holder === null ? null : String(holder),
      },
    ];
  });
}

/** What holds the lowest of them, in words; empty where nothing does. */
export function holderWords(
  cluster: Cluster,
  watermarks: readonly TopicWatermark[],
  lanes: readonly LaneState[],
): string {
  const lowest = watermarks.toSorted(
    (a, b) => (a.watermarkMs ?? -Infinity) - (b.watermarkMs ?? -Infinity),
  )[0];
  if (lowest === undefined) return '';
  const { topic, holder } = lowest;
  const slowest = slowestOf(cluster, topic);
  const behind = slowest === undefined ? 0 : slowest.held.end - slowest.held.next;
  if (slowest !== undefined && behind > 0)
    return `task ${slowest.held.name}, ${behind} messages behind the end of its log`;
  if (holder === null) return '';
  const own = lanes.find((lane) => lane.topic === topic && String(lane.partition) === holder);
  const seconds = Math.floor((own?.idleForMs ?? 0) / 1_000);
  return seconds === 0 ? `${topic}/${holder}` : `${topic}/${holder} idle for ${seconds} s`;
}

function slowestOf(cluster: Cluster, topic: string): HeldFeatures | undefined {
  const own = featuresHeld(cluster).filter(
    ({ task }) => task.settings.task.stage.events.topic === topic,
  );
  return own.toSorted(
    (a, b) => a.task.settings.task.watermarkMs - b.task.settings.task.watermarkMs,
  )[0];
}
