import { toAlertRecord } from '../../monitors/drift-alert-record.js';
import { type Emission, emissionId } from '../../monitors/emission.js';
import { toRetrainingRecord } from '../../monitors/retraining-record.js';
import type { WebhookMessage } from './post.js';

/** What a webhook tells of an emission: its record, as the topic has it. */
export function webhookMessage(emission: Emission): WebhookMessage {
  const isAlert = emission.kind === 'alert';
  const record = isAlert ? toAlertRecord(emission) : toRetrainingRecord(emission);
  return messageOf(isAlert ? 'drift-alert' : 'retraining-event', emissionId(emission), record);
}

/** The same of a record that was read back. */
export function messageOf(
  kind: WebhookMessage['kind'],
  id: string,
  record: object,
): WebhookMessage {
  return { id, kind, body: JSON.stringify(record) };
}
