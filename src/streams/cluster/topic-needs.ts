import type { Pipeline } from '../pipeline.js';
import { monitorStage, type Names, refusedStage, scoresStage, scoringStage } from './names.js';
import { policyStateSettings } from './policy-store.js';
import { logSettings, snapshotSettings, type TopicNeed } from './topics.js';

/** Weir's own topics of a pipeline: logs, snapshots, epoch, what policies told. */
export function topicNeeds(pipeline: Pipeline, names: Names, partitions: number): TopicNeed[] {
  const need = (topic: string, count: number, settings: TopicNeed['settings']): TopicNeed => {
    return { topic, partitions: count, exact: true, settings };
  };
  const log = (stage: string, count = partitions) => need(names.log(stage), count, logSettings);
  const kept = (kind: string, count = partitions) =>
    need(names.snapshots(kind), count, snapshotSettings);
  const stages = [...pipeline.stages.map((stage) => stage.name), refusedStage];
  const needs = stages.flatMap((stage) => [log(stage), kept(stage)]);
  needs.push(need(names.epoch, 1, snapshotSettings));
  if (pipeline.models.length === 0) return needs;
  // The log of scores is the topic that others read too.
  needs.push(log(scoringStage), kept(scoringStage), kept(scoresStage));
  needs.push(log(monitorStage, 1), kept(monitorStage, 1));
  needs.push(need(names.policy, 1, policyStateSettings));
  return needs;
}
