import type { LoggedFrame } from './frame-message.js';

/** A log that is behind is decoded from its bytes: what it would keep here has no other bound. */
const framesMax = 1_024;

/**
 * Frames that this process appended and will read again, so that they need not be decoded. A frame
 * that is not here is decoded from its bytes; nothing depends on finding it.
 */
export class FrameCache {
  readonly #frames = new Map<string, LoggedFrame>();

  put(key: string, frame: LoggedFrame): void {
    if (this.#frames.size >= framesMax) this.#frames.delete(this.#frames.keys().next().value!);
    this.#frames.set(key, frame);
  }

  take(key: string): LoggedFrame | undefined {
    const frame = this.#frames.get(key);
    if (frame !== undefined) this.#frames.delete(key);
    return frame;
  }
}
