import type {
  DriftAlert,
  DriftEvidence,
  DriftHistory,
  EngineStatus,
  EngineView,
  RetrainingEvent,
  TaskStatus,
} from './engine-view.js';
import { isoTime } from './vector-json.js';

const recentKeysLimit = 8;
/** A page shows so many partitions and tasks; the rest is counted. */
const lanesLimit = 12;
const tasksLimit = 48;

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
    share: shareJson(status),
    recent_keys: Object.fromEntries(recent),
  };
}

/** What needs a look first; null where the whole pipeline is in this process. */
function shareJson({ share, lanes }: EngineStatus): object | null {
  if (share === null) return null;
  const { role, pauses, tasks } = share;
  const furthest = lanes.toSorted((a, b) => (b.lag ?? 0) - (a.lag ?? 0)).slice(0, lanesLimit);
  const idle = (task: TaskStatus): number => (task.state === 'running' ? 0 : 1);
  const worst =
    tasks.length <= tasksLimit
      ? tasks
      : tasks.toSorted((a, b) => idle(b) - idle(a) || b.lag - a.lag);
  return {
    role,
    pauses,
    lanes: furthest.map(({ topic, partition, taken, lag }) => ({ topic, partition, taken, lag })),
    lanes_count: lanes.length,
    tasks: worst.slice(0, tasksLimit),
    tasks_count: tasks.length,
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
    subject: evidence.subject,
    test: evidence.test,
    statistic: evidence.statistic,
    usual: evidence.usual,
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
    changes: alert.changes,
    next_step: alert.nextStep,
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
