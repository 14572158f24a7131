import type { PolicyState } from './policy-state.js';

/**
 * Names that a mute can be of: what the last periods judged, without segments, and what is muted
 * already. Empty where no period was judged.
 */
export function mutableFeatures({ recent, mutes }: PolicyState): readonly string[] {
  const judged = recent.flatMap(({ levels }) => Object.keys(levels).map(featureOf));
  const muted = mutes.map(({ feature }) => feature ?? '');
  if (judged.length === 0) return [];
  return [...new Set([...judged, ...muted])].filter((feature) => feature !== '');
}

/** Of the name of a signal: `feature:price [device=mobile]` is about `price`. */
function featureOf(signal: string): string {
  const named = signal.slice(signal.indexOf(':') + 1);
  const segment = named.indexOf(' [');
  return segment < 0 ? named : named.slice(0, segment);
}
