import type { DriftAlert } from './emission.js';
import type { FeatureChange, Moved } from './feature-change.js';
import { reasonOf } from './trigger.js';

/** Features and moves that a sentence names; the record has them all. */
const named = 5;
const movesNamed = 2;

/** What happened, in one sentence. */
export function summaryOf(alert: DriftAlert): string {
  const who = `model ${alert.model} ${alert.modelVersion}`;
  const since = new Date(alert.sinceMs).toISOString();
  const names = listOf(alert.features);
  switch (alert.reason) {
    case 'model-replaced':
      return `${who} was replaced; its episode since ${since} (${names}) is over`;
    case 'recovered':
      return `${who}: ${names} drifted since ${since} and recovered`;
    case 'muted':
      return `${who}: the episode since ${since} (${names}) is over: all of it is muted`;
    case 'drift':
    case 'worsened': {
      const verb = alert.episodeKind === 'notice' ? 'failed' : 'drifted';
      const how = alert.triggers.map(reasonOf).slice(0, named).join('; ');
      const more = alert.reason === 'worsened' ? ', and it got worse' : '';
      return `${who}: ${names} ${verb}, since ${since}${more}; ${how}`;
    }
    default:
      return alert.reason satisfies never;
  }
}

/** What to do, in one or two sentences. */
export function nextStepOf(alert: DriftAlert): string {
  if (alert.phase === 'closed') {
    return alert.reason === 'muted'
      ? 'Nothing to do; it counts again when the mute ends.'
      : 'Nothing to do.';
  }
  const id = alert.episodeId;
  const ask = `weir episodes show ${id} shows what changed; weir episodes ack ${id} says that you are on it.`;
  if (alert.retraining) {
    return `Look first whether the source of ${first(alert)} broke; if the change is real, retrain with the rows that retraining event ${id} names. ${ask}`;
  }
  return `Look at the source of ${first(alert)}: nothing calls for retraining. ${ask}`;
}

/** How each feature changed, a sentence each. */
export function changeText({ feature, nulls, strange, moved }: FeatureChange): string {
  const parts = moved.slice(0, movesNamed).map(movedText);
  for (const one of [nulls, strange]) {
    if (Math.abs(one.after - one.before) >= 0.001) parts.push(movedText(one));
  }
  return `${feature}: ${parts.length === 0 ? 'no share moved' : parts.join(', ')}`;
}

function movedText({ values, before, after }: Moved): string {
  return `${values} from ${percent(before)} to ${percent(after)}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** What is looked at first: what weighs most in the score, else what drifts most. */
function first({ ranking, features }: DriftAlert): string {
  return ranking[0]?.feature ?? features[0] ?? 'the data';
}

function listOf(features: readonly string[]): string {
  const rest = features.length - named;
  const names = features.slice(0, named).join(', ');
  return rest > 0 ? `${names} and ${rest} more` : names;
}
