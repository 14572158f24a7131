import type { ServerResponse } from 'node:http';

/** What a handler is asked; `params` and `query` are decoded. */
export interface Ask {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Empty where there is none. */
  readonly body: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** Such as `/features/:view/:key`. */
  readonly path: string;
  /** Content types a body may come in; no body is read without. */
  readonly accepts?: readonly string[];
  readonly bodyBytesLimit?: number;
  /** Said when the body is larger. */
  readonly tooLarge?: string;
  readonly handle: (ask: Ask) => Answer | Promise<Answer>;
  /** Keeps the response open instead; an answer refuses. */
  readonly stream?: (ask: Ask, response: ServerResponse) => Answer | undefined;
}

export function json(value: unknown, status = 200): Answer {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(value) };
}

/** A refusal: `{ error: { code, message } }`, the message with the remedy. */
export function problem(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return { ...json({ error: { code, message } }, status), headers };
}

/** `Retry-After` takes whole seconds, at least one. */
export function retryAfter(ms: number): Readonly<Record<string, string>> {
  return { 'retry-after': String(Math.max(1, Math.ceil(ms / 1000))) };
}

/** A text from outside, shortened for a message. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
