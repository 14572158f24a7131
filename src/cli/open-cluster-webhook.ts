import type { Config } from '../config/config.js';
import type { OutputName } from '../config/kafka-section.js';
import type { Kafka } from '../sinks/kafka/client.js';
import type { Registry } from '../sinks/kafka/registry.js';
import { createValueReader } from '../sinks/kafka/value-format.js';
import type { Names } from '../streams/cluster/names.js';
import { type PostedTopic, WebhookReader } from '../streams/cluster/webhook-reader.js';
import type { Log } from '../telemetry/log.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { Closing } from './closing.js';
import { countPosts } from './open-webhook.js';

interface Base {
  readonly kafka: Kafka;
  readonly registry: Registry | null;
  readonly metrics: Metrics;
  readonly closing: Closing;
  readonly log: Log;
}

/** Posts what stands in the topics of alerts and retraining events, where that is configured. */
export async function openClusterWebhook(
  { kafka: place, webhook }: Config,
  { kafka, registry, metrics, closing, log }: Base,
  names: Names,
): Promise<void> {
  if (webhook === null || place === null) return;
  const posted = (name: OutputName, kind: PostedTopic['kind'], id: PostedTopic['id']) => {
    const { name: topic, enabled, format } = place.outputs[name];
    // A topic that is not enabled is written in JSON all the same.
    const reader = createValueReader(enabled ? format : 'json', registry);
    return { topic, kind, id, reader };
  };
  const reader = new WebhookReader({
    kafka,
    groupId: names.group('webhook'),
    topics: [
      posted('drift-alerts', 'drift-alert', 'alert_id'),
      posted('retraining-events', 'retraining-event', 'event_id'),
    ],
    place: webhook,
    log,
    onOutcome: countPosts(metrics),
  });
  closing.add(reader);
  await reader.start();
}
