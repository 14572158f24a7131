import type { Check } from '../monitors/check.js';
import type { DriftAlert as Alert, RetrainingEvent as Retraining } from '../monitors/emission.js';
import { toRetrainingRecord } from '../monitors/retraining-record.js';
import { accountOf, finalWatermarkMs } from '../streams/account.js';
import type { Engine } from '../streams/live/engine.js';
import { postedPartition } from '../streams/live/live-source.js';
import type {
  Acceptance,
  DriftAlert,
  DriftEvidence,
  DriftHistory,
  EngineEvent,
  EngineStatus,
  EngineView,
  PartReadiness,
  RetrainingEvent,
} from './engine-view.js';

/** What the server should say of the source beside what the engine knows. */
export interface SourceInfo {
  /** First day of a history that is caught up with; null where there is none. */
  readonly history: { readonly startMs: number; readonly days: number } | null;
  readonly planted: DriftHistory['planted'];
  /** Parts beside the engine that must be up: ClickHouse. */
  readonly parts: () => readonly PartReadiness[];
}

const dayMs = 86_400_000;

/** The running engine as the server sees it. */
export function viewOf(engine: Engine, info: SourceInfo): EngineView {
  const { pipeline } = engine.settings;
  const topicNames = pipeline.topics.map((topic) => topic.topic);
  const sourceTopics = pipeline.topics.filter((topic) => topic.kind === 'source');
  const watermarkMs = (): number | null => {
    const tasks = engine.graph.tasks.flat();
    const told = Math.min(...tasks.map((task) => task.watermarkMs));
    return Number.isFinite(told) ? told : null;
  };
  const readAtMs = (): number =>
    engine.source?.catchingUp === false
      ? engine.clock()
      : (watermarkMs() ?? Number.NEGATIVE_INFINITY);
  return {
    pipeline: pipeline.name,
    topics: () => topicNames,
    views: () => pipeline.views.map((view) => view.shape),
    feature: (view, key) => engine.store.read(view, key, readAtMs()),
    recentKeys: (view, limit) => engine.store.recentKeys(view, limit),
    health: () => ({ ok: true, why: '' }),
    readiness: () => readinessOf(engine, info),
    status: () =>
      statusOf(
        engine,
        info,
        watermarkMs(),
        sourceTopics.map((topic) => topic.topic),
      ),
    accept: (topic, lines) => accept(engine, topicNames.indexOf(topic), lines),
    subscribe: (listener) => subscribe(engine, listener),
    drift: () => driftOf(engine, info),
    alerts: () => alertsOf(engine),
    retrainingEvents: () => engine.history.retraining.map(retrainingOf),
  };
}

async function accept(
  engine: Engine,
  topicIndex: number,
  lines: readonly string[],
): Promise<Acceptance> {
  const { source } = engine;
  const refuse = (reason: 'full' | 'unavailable', why: string): Acceptance => {
    return { ok: false, reason, why, retryAfterMs: 2_000 };
  };
  if (source === null) return refuse('unavailable', 'the engine is starting');
  if (engine.rebuilding) {
    return refuse('unavailable', 'the state is being rebuilt from the retained log');
  }
  const verdicts = await source.accept(topicIndex, lines);
  if (verdicts === 'full') return refuse('full', 'too many lines are waiting to be taken');
  if (verdicts !== null) return { ok: true, verdicts };
  return engine.stopping
    ? refuse('unavailable', 'the engine is stopping')
    : refuse('full', 'no line could be taken for a while: /ready says what is waited for');
}

function readinessOf(engine: Engine, info: SourceInfo): ReturnType<EngineView['readiness']> {
  const why = whyNotReady(engine);
  const parts: PartReadiness[] = [{ name: 'engine', ready: why === '', why }, ...info.parts()];
  return { ready: parts.every((part) => part.ready), parts };
}

function whyNotReady(engine: Engine): string {
  if (engine.stopping) return 'it is stopping';
  if (engine.source === null) return 'it is recovering from the log';
  if (engine.rebuilding) return 'it is rebuilding the state from the retained log';
  return engine.source.catchingUp ? 'it is catching up with the feed' : '';
}

function statusOf(
  engine: Engine,
  info: SourceInfo,
  watermarkMs: number | null,
  topics: readonly string[],
): EngineStatus {
  const nowMs = engine.clock();
  const { cursors } = engine.position;
  const catchingUp = engine.source === null || engine.source.catchingUp;
  const latestMs = Math.max(...topics.map((topic) => finalWatermarkMs(topic, cursors, 0)));
  const { history } = info;
  const day = history === null ? 0 : Math.floor((latestMs - history.startMs) / dayMs) + 1;
  const progress =
    history === null
      ? { day: 0, days: 0 }
      : { day: Math.max(0, Math.min(day, history.days)), days: history.days };
  return {
    eventsPerSecond: engine.records.perSecond(nowMs),
    watermarkMs,
    watermarkHolder: catchingUp ? '' : holderText(engine),
    catchingUp: catchingUp ? progress : null,
    accounts: engine.settings.pipeline.topics.map(({ topic }) => ({
      topic,
      ...accountOf(topic, cursors),
    })),
    entities: engine.store.entities(),
    scoring:
      engine.graph.models.length === 0 || engine.settings.models.models.size === 0
        ? null
        : {
            scoresPerSecond: engine.scored.perSecond(nowMs),
            p95Ms: engine.scoreLatencies.quantile(0.95, nowMs),
          },
  };
}

function holderText(engine: Engine): string {
  const [holder] = engine.source?.holders() ?? [];
  if (holder === undefined) return '';
  const { topic, partition, idleForMs } = holder;
  const place = partition === postedPartition ? `${topic}, posted lines` : `${topic}/${partition}`;
  const seconds = Math.round((idleForMs ?? 0) / 1_000);
  return seconds === 0 ? place : `${place} idle for ${seconds} s`;
}

function subscribe(engine: Engine, listener: (event: EngineEvent) => void): () => void {
  const forward: Parameters<typeof engine.listeners.add>[0] = ({ step, changed, scores }) => {
    for (const [view, keys] of changed)
      if (keys.size > 0) listener({ kind: 'features', view, keys });
    if (scores.length > 0) listener({ kind: 'scores', scores });
    for (const emission of step.emissions) {
      if (emission.kind === 'retraining')
        listener({ kind: 'retraining', event: retrainingOf(emission) });
      else listener({ kind: 'alert', alert: alertOf(emission, null) });
    }
  };
  engine.listeners.add(forward);
  return () => engine.listeners.delete(forward);
}

/** The alerts that opened episodes, with the end of those that are over. */
function alertsOf(engine: Engine): DriftAlert[] {
  const { alerts } = engine.history;
  return alerts
    .filter((alert) => alert.phase === 'opened')
    .map((alert) => {
      const closed = alerts.find(
        (one) => one.phase === 'closed' && one.episodeId === alert.episodeId,
      );
      return alertOf(alert, closed?.timeMs ?? null);
    });
}

function alertOf(alert: Alert, endedMs: number | null): DriftAlert {
  const psi = alert.evidence.filter((check) => check.test === 'psi');
  const [last] = psi.toSorted((a, b) => b.periodEndMs - a.periodEndMs);
  return {
    id: `${alert.episodeId}/${alert.phase}`,
    episode: alert.episodeId,
    model: alert.model,
    version: alert.modelVersion,
    timeMs: alert.timeMs,
    periodStartMs: last?.periodStartMs ?? alert.openedMs,
    periodEndMs: last?.periodEndMs ?? alert.timeMs,
    threshold: last?.threshold ?? 0,
    evidence: evidenceOf(alert.evidence),
    endedMs: alert.phase === 'closed' ? alert.timeMs : endedMs,
  };
}

/** The last PSI check of each feature with its KS beside it, worst first. */
function evidenceOf(checks: readonly Check[]): DriftEvidence[] {
  const newest = new Map<string, Check>();
  for (const check of checks) {
    const known = newest.get(check.feature);
    if (check.test === 'psi' && (known === undefined || check.periodEndMs > known.periodEndMs))
      newest.set(check.feature, check);
  }
  return [...newest.values()]
    .map((check) => ({
      feature: check.feature,
      psi: check.corrected ?? 0,
      critical: check.critical ?? 0,
      ks:
        checks.find(
          (one) =>
            one.test === 'ks' &&
            one.feature === check.feature &&
            one.periodEndMs === check.periodEndMs,
        )?.statistic ?? null,
      referenceCount: check.nReference,
      currentCount: check.nCurrent,
    }))
    .sort((a, b) => b.psi - a.psi);
}

function retrainingOf(event: Retraining): RetrainingEvent {
  const record = toRetrainingRecord(event);
  return {
    id: record.event_id,
    episode: record.episode_id,
    model: record.model,
    version: record.model_version,
    timeMs: event.timeMs,
    reason: record.reason,
    strategy: `${event.strategy.replace('-', ' ')} of ${event.trainingMonths} months`,
    trainingData: record.training_query,
  };
}

function driftOf(engine: Engine, { planted }: SourceInfo): DriftHistory {
  const { periods } = engine.history;
  const [monitor] = engine.graph.monitors;
  const names = [
    ...new Set(periods.flatMap((period) => period.checks.map((check) => check.feature))),
  ];
  const of = (feature: string, value: (check: Check) => number | null) =>
    periods.map((period) => {
      const check = period.checks.find((one) => one.feature === feature);
      return check === undefined ||
        check.verdict === 'insufficient-data' ||
        check.verdict === 'no-reference'
        ? null
        : value(check);
    });
  return {
    note: noteOf(monitor?.reference === null, monitor === undefined, periods.length),
    threshold: monitor?.definition.policy.driftEffect ?? 0,
    periods: periods.map(({ startMs, endMs }) => ({ startMs, endMs })),
    series: names.map((feature) => ({
      feature,
      psi: of(feature, (check) => check.corrected),
      critical: of(feature, (check) => check.critical),
    })),
    planted,
  };
}

function noteOf(noReference: boolean, noMonitor: boolean, periods: number): string {
  if (noMonitor) return 'The pipeline has no monitor.';
  if (noReference)
    return "There is no reference to compare with: make one with 'weir reference capture'.";
  return periods === 0 ? 'The first period is still being observed.' : '';
}
