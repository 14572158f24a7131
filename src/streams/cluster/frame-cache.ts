import type { LoggedFrame } from './frame-message.js';

/** A log that is behind is decoded from its bytes: what it would keep here has no other bound. */
const framesMax = 1_024;
/** So many that its own tasks have not taken hold ingest back. */
const aheadMax = 512;
/** How often who waits for room is to look up, ms: sooner than a session times out. */
const lookUpMs = 1_000;

/**
 * Frames that this process appended and will read again, so that they need not be decoded. A frame
 * that is not here is decoded from its bytes; nothing depends on finding it.
 */
export class FrameCache {
  readonly #frames = new Map<string, LoggedFrame>();
  #waiting: ((room: boolean) => void)[] = [];
  readonly #isHeld: () => boolean;
  readonly #isBehind: () => boolean;

  /**
   * @param isHeld whether a task of this process waits for its sink
   * @param isBehind whether one is far behind in a log whose frames are not kept here
   */
  constructor(isHeld = (): boolean => false, isBehind = (): boolean => false) {
    this.#isHeld = isHeld;
    this.#isBehind = isBehind;
  }

  put(key: string, frame: LoggedFrame): void {
    if (this.#frames.size >= framesMax) this.#frames.delete(this.#frames.keys().next().value!);
    this.#frames.set(key, frame);
  }

  take(key: string): LoggedFrame | undefined {
    const frame = this.#frames.get(key);
    if (frame === undefined) return undefined;
    this.#frames.delete(key);
    if (this.#isRoom()) for (const resolve of this.#waiting.splice(0)) resolve(true);
    return frame;
  }

  #isRoom(): boolean {
    return this.#frames.size < aheadMax && !this.#isBehind();
  }

  /**
   * True when this process's tasks keep up with what it appends: else ingest would take the
   * processor from them, and leave them bytes to decode. False after a second: while a task waits
   * for its sink or is far behind there is no room. Where none is, what nobody took is of tasks
   * that are another's by now, and is let go: tasks at work take as much in a tenth of the time.
   */
  room(): Promise<boolean> {
    if (this.#isRoom()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const done = (room: boolean): void => {
        clearTimeout(timer);
        resolve(room);
      };
      const timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((one) => one !== done);
        if (!this.#isHeld() && !this.#isBehind()) this.#frames.clear();
        resolve(this.#isRoom());
      }, lookUpMs);
      this.#waiting.push(done);
    });
  }
}
