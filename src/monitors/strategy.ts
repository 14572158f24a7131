import type { JudgedPeriod, PastEpisode } from './policy-state.js';
import type { Signal } from './signal.js';

/** Which rows to train on, and why these. */
export interface Advice {
  readonly strategy: 'sliding-window' | 'weighted' | 'full';
  /** The rule that chose it, in one sentence. */
  readonly reason: string;
}

/** Share of features two episodes must have in common to be the same one again. */
const sameShare = 0.5;

/** For events that no drift is behind. */
export const withoutDrift: Advice = {
  strategy: 'sliding-window',
  reason: 'no drift is behind it: the newest rows are enough',
};

/**
 * The advice for an episode that opens. Recurring (an earlier episode of the same features
 * recovered by itself): all rows, which hold both states. Else by how fast the strongest signal of
 * the shortest window rose: abrupt, the newest rows; gradual, all of the window with newer rows
 * weighing more. A rise counts the periods in which the effect was between a quarter and three
 * quarters of what it is now; a change that is abrupt spends 0.37 of a feature's window there
 * (the effect grows with the square of the share that is new), so half a window and one period
 * more are allowed.
 */
export function adviceFor(
  signals: readonly Signal[],
  features: readonly string[],
  recent: readonly JudgedPeriod[],
  past: readonly PastEpisode[],
  windowOf: (feature: string) => number,
): Advice {
  const before = past.find(
    (one) => one.kind === 'drift' && one.reason === 'recovered' && isSame(one.features, features),
  );
  if (before !== undefined) {
    const reason = `recurring: ${before.features.join(', ')} drifted before (${before.id}) and the distribution returned`;
    return { strategy: 'full', reason };
  }
  const [lead] = signals
    .filter(({ feature }) => feature !== '')
    .sort((a, b) => windowOf(a.feature) - windowOf(b.feature) || strength(b) - strength(a));
  const last = recent.at(-1);
  if (lead === undefined || last === undefined) {
    return { strategy: 'sliding-window', reason: 'no single feature leads: the newest rows' };
  }
  const rising = risingPeriods(lead, recent);
  const periodMs = last.periodEndMs - last.periodStartMs;
  const allowed = 1 + Math.floor((0.5 * windowOf(lead.feature)) / periodMs);
  return rising <= allowed
    ? { strategy: 'sliding-window', reason: `abrupt: ${rose(lead, rising, allowed, 'at most')}` }
    : { strategy: 'weighted', reason: `gradual: ${rose(lead, rising, allowed, 'more than')}` };
}

function rose({ feature }: Signal, rising: number, allowed: number, than: string): string {
  return `the effect of ${feature} was between a quarter and three quarters of what it is for ${rising} periods, ${than} ${allowed}`;
}

function strength(signal: Signal): number {
  return signal.strength ?? 0;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  const common = a.filter((feature) => b.includes(feature)).length;
  const all = new Set([...a, ...b]).size;
  return all > 0 && common / all >= sameShare;
}

/** Periods of the last rise: back from now, up to the last one below a quarter of what it is. */
function risingPeriods(lead: Signal, recent: readonly JudgedPeriod[]): number {
  const now = strength(lead);
  let rising = 0;
  for (const { strengths } of recent.toReversed()) {
    const then = strengths[lead.name];
    if (then === undefined) continue;
    if (then < now / 4) break;
    if (then < 0.75 * now) rising++;
  }
  return rising;
}
