import type { Log } from '../../telemetry/log.js';
import { backoffMs } from './backoff.js';
import { type PostOutcome, post, type WebhookMessage, type WebhookPlace } from './post.js';

/** A message that waits, as a snapshot keeps it. */
export interface PendingMessage extends WebhookMessage {
  readonly addedMs: number;
}

/** What became of a message, or of one attempt. */
export type DeliveryOutcome = 'delivered' | 'failed' | 'given-up';

export interface OutboxOptions {
  readonly place: WebhookPlace;
  readonly log: Log;
  readonly onOutcome?: (outcome: DeliveryOutcome) => void;
  /** Messages that may wait; beyond it the oldest is given up. */
  readonly pendingMax?: number;
  readonly clock?: () => number;
  /** Waits so long, or until the signal. */
  readonly delay?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Posts a message once. */
  readonly send?: typeof post;
}

const pendingMaxByDefault = 1_000;

/**
 * Posts messages in order, one at a time, each until it is taken, refused or too old. Adding one
 * never waits. Whoever adds keeps `pending` with its state and gives it to a new outbox after a
 * restart: each message is posted at least once, with its id, or given up, which is told.
 */
export class WebhookOutbox {
  readonly #options: OutboxOptions;
  readonly #stop = new AbortController();
  #pending: PendingMessage[] = [];
  #running: Promise<void> | null = null;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  get pending(): readonly PendingMessage[] {
    return this.#pending;
  }

  add(messages: readonly WebhookMessage[]): void {
    const addedMs = this.#now();
    this.restore(messages.map((message) => ({ ...message, addedMs })));
  }

  /** Takes up what waited before; what waits already is not doubled. */
  restore(messages: readonly PendingMessage[]): void {
    const known = new Set(this.#pending.map(({ id }) => id));
    this.#pending.push(...messages.filter(({ id }) => !known.has(id)));
    const max = this.#options.pendingMax ?? pendingMaxByDefault;
    while (this.#pending.length > max) this.#giveUp('too many messages wait');
    this.#wake();
  }

  /** Resolves when nothing waits, or it was closed. */
  async drained(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  /** Ends the attempt under way; what waits stays in `pending`. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  #now(): number {
    return (this.#options.clock ?? Date.now)();
  }

  #wake(): void {
    if (this.#running !== null || this.#pending.length === 0 || this.#stop.signal.aborted) return;
    this.#running = this.#run().finally(() => {
      this.#running = null;
      this.#wake(); // for what was added after the last look
    });
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const { place, send = post, delay = wait } = this.#options;
    let attempts = 0;
    let current: PendingMessage | undefined;
    while (!signal.aborted && this.#pending[0] !== undefined) {
      if (current !== this.#pending[0]) attempts = 0;
      current = this.#pending[0];
      const outcome = await send(place, current, this.#now(), signal);
      if (signal.aborted && outcome.kind === 'failed') return;
      if (current !== this.#pending[0]) continue; // it was given up meanwhile
      attempts++;
      if (!this.#settle(current, outcome)) await delay(backoffMs(attempts), signal);
    }
  }

  /** True where the message is done with. */
  #settle(message: PendingMessage, outcome: PostOutcome): boolean {
    const { place, log, onOutcome } = this.#options;
    if (outcome.kind === 'delivered') {
      this.#pending.shift();
      onOutcome?.('delivered');
      return true;
    }
    onOutcome?.('failed');
    if (outcome.kind === 'refused' || this.#now() - message.addedMs >= place.retryForMs) {
      this.#giveUp(outcome.why);
      return true;
    }
    const fields = { id: message.id, why: outcome.why };
    log.warn('a webhook was not delivered; it is tried again', fields);
    return false;
  }

  #giveUp(why: string): void {
    const given = this.#pending.shift();
    this.#options.onOutcome?.('given-up');
    this.#options.log.error('a webhook was given up; its topic and the tables have it', {
      id: given?.id,
      why,
    });
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    timer.unref();
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
