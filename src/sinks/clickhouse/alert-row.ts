/** What happened to an episode, or to the retraining it called for: a row of `alerts`. */
export interface AlertRow {
  /** The same when it is written again. */
  readonly id: string;
  readonly monitor: string;
  readonly model: string;
  readonly version: string;
  readonly episode: number;
  readonly event:
    | 'opened'
    | 'worsened'
    | 'closed'
    | 'retraining'
    | 'acknowledged'
    | 'in-progress'
    | 'done'
    | 'in-use';
  readonly timeMs: number;
  readonly openedAtMs: number;
  /** Strongest first. */
  readonly features: readonly string[];
  readonly reason: string;
  /** Any JSON. */
  readonly evidence: unknown;
}
