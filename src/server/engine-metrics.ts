import { verdicts } from '../records/batch.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { EngineStatus, EngineView, LaneStatus } from './engine-view.js';

/** What the account calls each of `verdicts`. */
const accounted = {
  used: 'used',
  invalid: 'invalid',
  future: 'invalid',
  late: 'late',
  duplicate: 'duplicate',
  filtered: 'filtered',
} as const;
const refused = ['invalid', 'future', 'late'] as const;

/** Exports at each scrape what the engine's status tells; returns what ends it. */
export function watchEngine(engine: EngineView, metrics: Metrics): () => void {
  return metrics.onScrape(() => {
    const status = engine.status();
    exportLanes(status.lanes, metrics);
    exportWatermarks(status, metrics);
    metrics.set('weir_events_per_second', {}, status.eventsPerSecond);
    metrics.set('weir_catching_up', {}, status.catchingUp === null ? 0 : 1);
    for (const { view, count } of status.entities) metrics.set('weir_entities', { view }, count);
  });
}

/** Source partitions move among processes, and their totals with them. */
function exportLanes(lanes: readonly LaneStatus[], metrics: Metrics): void {
  metrics.replace(
    'weir_records_in_total',
    lanes.map(({ topic, partition, taken }) => [{ topic, partition }, taken]),
  );
  metrics.replace(
    'weir_records_total',
    lanes.flatMap(({ topic, partition, counts }) =>
      [...new Set(Object.values(accounted))].map((verdict) => {
        const own = verdicts.map((one, i) => (accounted[one] === verdict ? counts[i]! : 0));
        return [{ topic, partition, verdict }, own.reduce((a, b) => a + b, 0)] as const;
      }),
    ),
  );
  metrics.replace(
    'weir_dead_letters_total',
    lanes.flatMap(({ topic, partition, counts }) =>
      refused.map(
        (reason) => [{ topic, partition, reason }, counts[verdicts.indexOf(reason)]!] as const,
      ),
    ),
  );
  metrics.replace(
    'weir_source_lag_records',
    lanes.flatMap(({ topic, partition, lag }) =>
      lag === null ? [] : [[{ topic, partition }, lag] as const],
    ),
  );
}

function exportWatermarks({ watermarks }: EngineStatus, metrics: Metrics): void {
  const told = watermarks.flatMap(({ topic, watermarkMs }) =>
    watermarkMs === null ? [] : [{ topic, watermarkMs }],
  );
  metrics.replace(
    'weir_watermark_timestamp_seconds',
    told.map(({ topic, watermarkMs }) => [{ topic }, watermarkMs / 1e3]),
  );
  metrics.replace(
    'weir_watermark_lag_seconds',
    told.map(({ topic, watermarkMs }) => [{ topic }, (Date.now() - watermarkMs) / 1e3]),
  );
  metrics.replace(
    'weir_watermark_holder',
    watermarks.flatMap(({ topic, holder }) =>
      holder === null ? [] : [[{ topic, partition: holder }, 1] as const],
    ),
  );
}
