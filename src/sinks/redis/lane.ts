import { WeirError } from '../../errors.js';
import { jitteredWaitMs } from '../back-off.js';
import type { Entry } from './pending.js';
import { type Batch, takeBatch } from './write-batch.js';

/** What a lane asks of the sink. */
export interface LaneUse {
  readonly keysMax: number;
  readonly callsMax: number;
  /** Sends a batch; answers with why the rest of it was given back to the lane, if it was. */
  readonly send: (lane: Lane, batch: Batch) => Promise<string | null>;
  /** Entries of a call that failed. */
  readonly giveBack: (lane: Lane, entries: readonly Entry[]) => void;
  /** Distributes the lane's queue anew, by who serves what now. */
  readonly resume: (lane: Lane) => void;
}

/**
 * The way to one node: a queue and a few calls under way. While one is, a small queue waits for
 * its answer, so that keys travel together under load and at once without.
 */
export class Lane {
  readonly node: string;
  queue: Entry[] = [];
  readonly underWay = new Set<Batch>();
  /** Why it waits; null while it does not. */
  waitingFor: string | null = null;
  retries = 0;
  #attempt = 0;
  #rest: NodeJS.Timeout | null = null;
  #closed = false;
  readonly #use: LaneUse;

  constructor(node: string, use: LaneUse) {
    this.node = node;
    this.#use = use;
  }

  /** Whether anything waits here: the node may have left the Cluster. */
  get inUse(): boolean {
    return this.queue.length > 0 || this.underWay.size > 0;
  }

  pump(): void {
    const { keysMax, callsMax } = this.#use;
    while (!this.#closed && this.#rest === null && this.queue.length > 0) {
      const busy = this.underWay.size;
      if (busy >= callsMax || (busy > 0 && this.queue.length < keysMax)) return;
      void this.#call(takeBatch(this.queue, keysMax));
    }
  }

  /** What is under way is no longer waited for. */
  close(): void {
    this.#closed = true;
    if (this.#rest !== null) clearTimeout(this.#rest);
  }

  async #call(batch: Batch): Promise<void> {
    this.underWay.add(batch);
    let reason: string | null;
    try {
      reason = await this.#use.send(this, batch);
    } catch (error) {
      if (!(error instanceof WeirError)) throw error;
      reason = error.message;
      this.#use.giveBack(this, batch.entries);
    }
    this.underWay.delete(batch);
    if (reason === null) this.#recovered();
    else this.#pause(reason);
    this.pump();
  }

  #recovered(): void {
    if (this.#rest !== null) return; // a call before it failed meanwhile
    this.#attempt = 0;
    this.waitingFor = null;
  }

  #pause(reason: string): void {
    this.retries += 1;
    this.waitingFor = this.node === '' ? reason : `${this.node}: ${reason}`;
    if (this.#rest !== null || this.#closed) return;
    const waitMs = jitteredWaitMs(this.#attempt, 20, 2_000);
    this.#attempt += 1;
    this.#rest = setTimeout(() => {
      this.#rest = null;
      this.#use.resume(this);
    }, waitMs);
  }
}
