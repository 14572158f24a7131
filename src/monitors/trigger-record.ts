import { namedBy, reasonOf, type Trigger } from './trigger.js';

/** A trigger as the Avro schemas have it. */
export interface TriggerRecord {
  readonly kind: string;
  readonly feature: string | null;
  readonly value: number;
  readonly threshold: number;
  readonly reason: string;
}

/** Of a schedule value and threshold are 1: it came. */
export function triggerRecord(trigger: Trigger): TriggerRecord {
  const kind = trigger.kind === 'check' ? `${trigger.subject}-${trigger.test}` : trigger.kind;
  const { value, threshold } = trigger.kind === 'schedule' ? { value: 1, threshold: 1 } : trigger;
  return { kind, feature: namedBy(trigger), value, threshold, reason: reasonOf(trigger) };
}
