import type { Log } from '../telemetry/log.js';
import { changeText, nextStepOf, summaryOf } from './alert-text.js';
import { type Emission, emissionId } from './emission.js';
import { reasonOf } from './trigger.js';

const changesLogged = 3;

/** Tells of alerts and retraining events in words. */
export function logEmissions(log: Log, emissions: readonly Emission[]): void {
  for (const emission of emissions) {
    const id = emissionId(emission);
    if (emission.kind === 'retraining') {
      const { strategy, strategyReason, triggers } = emission;
      const why = triggers.map(reasonOf).join('; ');
      log.info('retraining is due', { id, why, strategy, rule: strategyReason });
      continue;
    }
    const next = nextStepOf(emission);
    const changes = emission.changes.slice(0, changesLogged).map(changeText);
    const told = emission.phase === 'closed' ? log.info : log.warn;
    told(summaryOf(emission), changes.length === 0 ? { id, next } : { id, next, changes });
  }
}
