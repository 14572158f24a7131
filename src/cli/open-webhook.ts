import type { Config } from '../config/config.js';
import { type DeliveryOutcome, WebhookOutbox } from '../sinks/webhook/outbox.js';
import type { Engine } from '../streams/live/engine.js';
import type { Log } from '../telemetry/log.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { Closing } from './closing.js';

/** Posts what the engine's monitors tell, where a webhook is configured. */
export function openWebhook(
  { webhook }: Config,
  engine: Engine,
  metrics: Metrics,
  closing: Closing,
  log: Log,
): void {
  if (webhook === null) return;
  const onOutcome = countPosts(metrics);
  const outbox = closing.add(new WebhookOutbox({ place: webhook, log, onOutcome }));
  metrics.onScrape(() => metrics.set('weir_webhook_pending', {}, outbox.pending.length));
  engine.useWebhook(outbox);
}

/** Counts posts by outcome. */
export function countPosts(metrics: Metrics): (outcome: DeliveryOutcome) => void {
  for (const outcome of ['delivered', 'failed', 'given-up']) {
    metrics.add('weir_webhook_posts_total', { outcome }, 0);
  }
  return (outcome) => metrics.add('weir_webhook_posts_total', { outcome });
}
