import { WeirError } from '../errors.js';

/** A sliding window of `lengthMs` kept in panes `[n·paneMs, (n+1)·paneMs)` aligned to the epoch. */
export interface SlidingWindow {
  readonly lengthMs: number;
  readonly paneMs: number;
}

/** Null: everything the key has ever seen. */
export type Window = SlidingWindow | null;

const unitMs: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const panesByDefault = 60;

/** A duration such as `90s`, `5m`, `1h`, `30d` in ms; undefined where the text is none. */
export function durationMs(text: string): number | undefined {
  const match = /^([1-9]\d*)(s|m|h|d)$/.exec(text);
  return match === null ? undefined : Number(match[1]) * unitMs[match[2]!]!;
}

/**
 * Reads `24h` (60 panes), `24h/15m` (panes of 15 min) or `lifetime`.
 * @param owner whose window it is, for the error
 * @throws WeirError definition-invalid
 */
export function parseWindow(text: string, owner = 'window'): Window {
  if (text === 'lifetime') return null;
  const [length = '', pane, ...rest] = text.split('/');
  const lengthMs = durationMs(length);
  const paneMs = pane === undefined ? (lengthMs ?? 0) / panesByDefault : durationMs(pane);
  const sound =
    lengthMs !== undefined &&
    paneMs !== undefined &&
    rest.length === 0 &&
    Number.isInteger(paneMs) &&
    paneMs >= 1 &&
    paneMs <= lengthMs;
  if (!sound) {
    throw new WeirError(
      'definition-invalid',
      `${owner}: expected a window such as '5m', '24h' or '30d', with panes no longer than itself such as '24h/15m', or 'lifetime'; found '${text}'; write a whole number and s, m, h or d`,
    );
  }
  return { lengthMs, paneMs };
}

/** First pane that a window reaches back to, seen from `atMs`. */
export function firstPane(window: SlidingWindow, atMs: number): number {
  return Math.floor((atMs - window.lengthMs) / window.paneMs);
}

/** First instant at which `pane` is no longer in the window, ms. */
export function paneLeavesMs(window: SlidingWindow, pane: number): number {
  return (pane + 1) * window.paneMs + window.lengthMs;
}
