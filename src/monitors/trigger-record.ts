import type { Trigger } from './signal.js';

/** A trigger as the Avro schemas have it. */
export interface TriggerRecord {
  readonly kind: string;
  readonly feature: string | null;
  readonly value: number;
  readonly threshold: number;
}

export function triggerRecord(trigger: Trigger): TriggerRecord {
  const { kind, value, threshold } = trigger;
  return { kind, feature: trigger.kind === 'psi' ? trigger.feature : null, value, threshold };
}
