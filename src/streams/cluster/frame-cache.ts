import type { LoggedFrame } from './frame-message.js';

/** A log that is behind is decoded from its bytes: what it would keep here has no other bound. */
const framesMax = 1_024;
/** So many that its own tasks have not taken hold ingest back. */
const aheadMax = 512;
/**
 * But no longer than this, ms. Tasks at work take that many in a tenth of it; what is left then is
 * of a task that is another's by now, or that waits for its sink, and is let go.
 */
const aheadMsMax = 1_000;

/**
 * Frames that this process appended and will read again, so that they need not be decoded. A frame
 * that is not here is decoded from its bytes; nothing depends on finding it.
 */
export class FrameCache {
  readonly #frames = new Map<string, LoggedFrame>();
  #waiting: (() => void)[] = [];

  put(key: string, frame: LoggedFrame): void {
    if (this.#frames.size >= framesMax) this.#frames.delete(this.#frames.keys().next().value!);
    this.#frames.set(key, frame);
  }

  take(key: string): LoggedFrame | undefined {
    const frame = this.#frames.get(key);
    if (frame === undefined) return undefined;
    this.#frames.delete(key);
    if (this.#frames.size < aheadMax) for (const resolve of this.#waiting.splice(0)) resolve();
    return frame;
  }

  /**
   * Resolves when this process's tasks keep up with what it appends: else ingest would take the
   * processor from them, and leave them bytes to decode.
   */
  room(): Promise<void> {
    if (this.#frames.size < aheadMax) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#frames.clear();
        resolve();
      }, aheadMsMax);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
