/** One message of a log partition. */
export interface LogMessage {
  readonly offset: number;
  /** Names the frame within its writer; empty where it has no name. */
  readonly key: string;
  readonly value: Buffer;
  readonly headers?: MessageHeaders;
}

/** A record's headers, by name. */
export type MessageHeaders = Readonly<
  Record<string, Buffer | string | readonly (Buffer | string)[] | undefined>
>;

/**
 * One partition of one stage: takes its log's messages in order and reads nothing else. The same
 * messages give the same outputs, however they are cut into calls.
 */
export interface LogTask {
  /**
   * Takes the next messages. What they give is handed to sinks, whose buffers may overshoot by as
   * much; `ready` says when more may come.
   * @param atEnd whether these were the last of the log at the time, so that nothing is caught up
   */
  take(messages: readonly LogMessage[], atEnd: boolean): Promise<void>;
  /** Resolves when the sinks have room for more. */
  ready(): Promise<void>;
  /** Resolves when all that was taken is acknowledged by the sinks. */
  flush(): Promise<void>;
  /** The state after the last message taken, as bytes of their own. */
  dump(): Map<string, readonly Uint8Array[]>;
  restore(parts: ReadonlyMap<string, Uint8Array>): void;
  /**
   * Called about once a second, never during `take`: for what waits for the clock. It may write to
   * logs, where the clock's decision becomes data; it changes nothing else.
   */
  tick?(nowMs: number): Promise<void>;
  close(): Promise<void>;
}

/** A stage as it is shared among processes: one log topic, one task for each of its partitions. */
export interface TaskKind {
  /** `user`, `place`, `refused`, `scoring`, `scores`, `monitor`. */
  readonly name: string;
  /** The log topic that its tasks read. */
  readonly topic: string;
  /** Changes when a snapshot of former tasks no longer fits. */
  readonly definition: string;
  /** Whether others read the log too, so that its retention is not Weir's to decide. */
  readonly isPublic?: boolean;
  create(partition: number): LogTask;
}
