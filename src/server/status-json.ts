import type {
  DriftAlert,
  DriftEvidence,
  DriftHistory,
  EngineView,
  RetrainingEvent,
} from './engine-view.js';
import { isoTime } from './vector-json.js';

const recentKeysLimit = 8;

/** What the page shows of the engine every second. */
export function statusJson(engine: EngineView): object {
  const status = engine.status();
  const recent = engine
    .views()
    .map(({ name }) => [name, engine.recentKeys(name, recentKeysLimit)] as const);
  return {
    time: isoTime(Date.now()),
    events_per_second: status.eventsPerSecond,
    watermark: isoTime(status.watermarkMs),
    watermark_holder: status.watermarkHolder,
    catching_up: status.catchingUp,
    accounts: status.accounts,
    entities: status.entities,
    scoring: status.scoring && {
      scores_per_second: status.scoring.scoresPerSecond,
      p95_ms: status.scoring.p95Ms,
    },
    ready: engine.readiness(),
    recent_keys: Object.fromEntries(recent),
  };
}

function evidenceJson(evidence: DriftEvidence): object {
  return {
    feature: evidence.feature,
    psi: evidence.psi,
    critical: evidence.critical,
    ks: evidence.ks,
    reference_count: evidence.referenceCount,
    current_count: evidence.currentCount,
  };
}

export function alertJson(alert: DriftAlert): object {
  return {
    id: alert.id,
    episode: alert.episode,
    model: alert.model,
    version: alert.version,
    time: isoTime(alert.timeMs),
    period_start: isoTime(alert.periodStartMs),
    period_end: isoTime(alert.periodEndMs),
    threshold: alert.threshold,
    evidence: alert.evidence.map(evidenceJson),
    ended: isoTime(alert.endedMs),
  };
}

export function retrainingJson(event: RetrainingEvent): object {
  return {
    id: event.id,
    episode: event.episode,
    model: event.model,
    version: event.version,
    time: isoTime(event.timeMs),
    reason: event.reason,
    strategy: event.strategy,
    training_data: event.trainingData,
  };
}

export function driftJson(history: DriftHistory): object {
  return {
    note: history.note,
    threshold: history.threshold,
    periods: history.periods.map((p) => ({ start: isoTime(p.startMs), end: isoTime(p.endMs) })),
    series: history.series,
    planted: history.planted.map(({ name, timeMs, effect }) => ({
      name,
      time: isoTime(timeMs),
      effect,
    })),
  };
}
