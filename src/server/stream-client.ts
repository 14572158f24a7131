import type { ServerResponse } from 'node:http';

export const streamEvents = ['features', 'scores', 'alerts', 'retraining', 'status'] as const;
export type StreamEventName = (typeof streamEvents)[number];

/** What a client asked for; null takes all. */
export interface StreamFilter {
  readonly events: ReadonlySet<StreamEventName>;
  readonly view: string | null;
  readonly key: string | null;
}

/** One message of the stream, as it goes over the wire. */
export function streamMessage(event: StreamEventName, data: string): string {
  return `event: ${event}\ndata: ${data}\n\n`;
}

/** A connection to `/stream`, with what waits to be sent to it. */
export class StreamClient {
  readonly filter: StreamFilter;
  /** Changed keys by view, coalesced: a key waits once, and its newest vector is sent. */
  readonly changed = new Map<string, Set<string>>();
  changedCount = 0;
  readonly #response: ServerResponse;
  readonly #bufferBytesLimit: number;

  constructor(response: ServerResponse, filter: StreamFilter, bufferBytesLimit: number) {
    this.#response = response;
    this.filter = filter;
    this.#bufferBytesLimit = bufferBytesLimit;
  }

  wants(event: StreamEventName): boolean {
    return this.filter.events.has(event);
  }

  /** False when the client reads too slowly and must go; a message of any size may go first. */
  write(text: string): boolean {
    if (this.#response.writableLength > this.#bufferBytesLimit) return false;
    this.#response.write(text);
    return true;
  }

  /** Notes that a key changed; false when `limit` keys wait already. */
  note(view: string, key: string, limit: number): boolean {
    let keys = this.changed.get(view);
    if (keys?.has(key)) return true;
    if (this.changedCount >= limit) return false;
    if (keys === undefined) {
      keys = new Set();
      this.changed.set(view, keys);
    }
    keys.add(key);
    this.changedCount++;
    return true;
  }

  /** Takes the next waiting key, in the order in which they changed. */
  take(): { view: string; key: string } | undefined {
    for (const [view, keys] of this.changed) {
      for (const key of keys) {
        keys.delete(key);
        this.changedCount--;
        return { view, key };
      }
    }
    return undefined;
  }

  /** Ends the response in order, or at once for a client that does not read. */
  close(atOnce: boolean): void {
    if (atOnce) this.#response.destroy();
    else this.#response.end();
  }
}
