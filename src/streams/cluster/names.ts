/**
 * The topics and groups of one pipeline, all under one prefix, so that tenants can share a broker.
 */
export interface Names {
  /** The log that a stage's tasks read: `user`, `place`, `refused`, `scoring`, `monitor`. */
  log(stage: string): string;
  /** Snapshots of a kind of task, partition by partition. */
  snapshots(kind: string): string;
  /** Where the epoch of the logs is told. */
  readonly epoch: string;
  /** What the policies of the monitors have told. */
  readonly policy: string;
  /** Consumer group: `ingest`, `features`, `monitors`. */
  group(role: string): string;
}

/** @param prefix such as `weir.` */
export function namesOf(prefix: string, pipeline: string): Names {
  const own = `${prefix}${pipeline}`;
  return {
    log: (stage) => `${own}.log.${stage}`,
    snapshots: (kind) => `${own}.snapshots.${kind}`,
    epoch: `${own}.epoch`,
    policy: `${own}.policy`,
    group: (role) => `${own}.${role}`,
  };
}

/** The stage of the records that no task takes. */
export const refusedStage = 'refused';
/** Stages behind the feature tasks; their logs and snapshots are named by them. */
export const scoringStage = 'scoring';
export const scoresStage = 'scores';
export const monitorStage = 'monitor';
