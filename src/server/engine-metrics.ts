import type { Metrics } from '../telemetry/metrics.js';
import type { EngineView } from './engine-view.js';

const accountVerdicts = ['used', 'late', 'invalid', 'duplicate', 'filtered'] as const;

/** Exports at each scrape what the engine's status tells; returns what ends it. */
export function watchEngine(engine: EngineView, metrics: Metrics): () => void {
  return metrics.onScrape(() => {
    const status = engine.status();
    for (const account of status.accounts) {
      const { topic } = account;
      metrics.raiseTo('weir_records_in_total', { topic }, account.in);
      for (const verdict of accountVerdicts) {
        metrics.raiseTo('weir_records_total', { topic, verdict }, account[verdict]);
      }
    }
    metrics.set('weir_events_per_second', {}, status.eventsPerSecond);
    metrics.set('weir_catching_up', {}, status.catchingUp === null ? 0 : 1);
    for (const { view, count } of status.entities) metrics.set('weir_entities', { view }, count);
    if (status.watermarkMs === null) return;
    metrics.set('weir_watermark_timestamp_seconds', {}, status.watermarkMs / 1e3);
    metrics.set('weir_watermark_lag_seconds', {}, (Date.now() - status.watermarkMs) / 1e3);
  });
}
