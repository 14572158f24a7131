import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { WeirError } from '../errors.js';

const pieceChars = 1 << 16;

/** Where a report is written: a file, or standard output. */
export class Output {
  readonly #stream: NodeJS.WritableStream;
  readonly #path: string | null;
  #pieces: string[] = [];
  #chars = 0;
  #error: Error | null = null;

  constructor(path: string | null) {
    this.#path = path;
    this.#stream = path === null ? process.stdout : createWriteStream(path);
    // The end of standard output is for the whole process to deal with.
    if (path !== null) this.#stream.on('error', (error) => (this.#error = error));
  }

  write(text: string): void {
    this.#pieces.push(text);
    this.#chars += text.length;
  }

  /** Hands over what has gathered, and waits while the other end is full. */
  async drain(least = pieceChars): Promise<void> {
    if (this.#error !== null) throw this.#failed(this.#error);
    if (this.#chars === 0 || this.#chars < least) return;
    const text = this.#pieces.join('');
    this.#pieces = [];
    this.#chars = 0;
    if (this.#stream.write(text)) return;
    await new Promise<void>((resolve) => {
      const go = () => {
        this.#stream.removeListener('drain', go);
        this.#stream.removeListener('close', go);
        resolve();
      };
      this.#stream.on('drain', go);
      this.#stream.on('close', go);
    });
  }

  async close(): Promise<void> {
    await this.drain(0);
    if (this.#path === null) return;
    this.#stream.end();
    try {
      await finished(this.#stream);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  #failed(error: unknown): WeirError {
    const found = error instanceof Error ? error.message : String(error);
    const message = `--out: expected to write ${this.#path}, found ${found}; check the path and the space`;
    return new WeirError('disk-failed', message, { cause: error });
  }
}
