import { signature } from './signature.js';

/** Where alerts and retraining events are posted. */
export interface WebhookPlace {
  readonly url: string;
  /** Null: requests are not signed. */
  readonly secret: string | null;
  /** How long an answer may take, ms. */
  readonly timeoutMs: number;
  /** After so long a message is given up, ms. */
  readonly retryForMs: number;
}

/** What is told. */
export interface WebhookMessage {
  /** The same however often it is posted: a receiver that knows it has nothing to do. */
  readonly id: string;
  readonly kind: 'drift-alert' | 'retraining-event';
  /** JSON of the record. */
  readonly body: string;
}

export type PostOutcome =
  | { readonly kind: 'delivered' }
  /** The receiver will never take it. */
  | { readonly kind: 'refused'; readonly why: string }
  /** Worth another try. */
  | { readonly kind: 'failed'; readonly why: string };

/** Answers that say that the message itself is wrong, so that posting it again is of no use. */
const refusals: readonly number[] = [400, 413, 415, 422];

/** Posts a message once. Neither secret nor address is in what it says of a failure. */
export async function post(
  place: WebhookPlace,
  { id, kind, body }: WebhookMessage,
  nowMs: number,
  signal?: AbortSignal,
): Promise<PostOutcome> {
  const timestamp = String(Math.floor(nowMs / 1_000));
  const signed =
    place.secret === null ? {} : { 'weir-signature': signature(place.secret, timestamp, id, body) };
  const timeout = AbortSignal.timeout(place.timeoutMs);
  try {
    const response = await fetch(place.url, {
      method: 'POST',
      redirect: 'manual', // a signed message goes nowhere else
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
      headers: {
        'content-type': 'application/json',
        'weir-kind': kind,
        'weir-id': id,
        'weir-timestamp': timestamp,
        ...signed,
      },
      body,
    });
    await response.body?.cancel();
    const { status } = response;
    if (status >= 200 && status < 300) return { kind: 'delivered' };
    const why = `the receiver answered ${status}`;
    return refusals.includes(status) ? { kind: 'refused', why } : { kind: 'failed', why };
  } catch (error) {
    return { kind: 'failed', why: whyOf(error, place.timeoutMs) };
  }
}

/** `fetch` wraps what the system said; its own message is always "fetch failed". */
function whyOf(error: unknown, timeoutMs: number): string {
  const { name, cause } = error as Error & { cause?: { code?: string } };
  if (name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  return `the receiver cannot be reached (${cause?.code ?? name})`;
}
