import type { Command } from '../monitors/command.js';
import { mutableFeatures } from '../monitors/mutable-features.js';
import type { ReferenceUse } from '../monitors/reference-fit.js';
import type { Cursor } from '../records/batch.js';
import { accountOf, finalWatermarkMs } from '../streams/account.js';
import type { Engine } from '../streams/live/engine.js';
import { postedPartition } from '../streams/live/live-source.js';
import { alertOf, alertsOf, driftOf, noteOf, retrainingOf } from './drift-view.js';
import type {
  Acceptance,
  DriftHistory,
  EngineEvent,
  EngineStatus,
  EngineView,
  LaneStatus,
  PartReadiness,
  Said,
  TopicWatermark,
} from './engine-view.js';
import { swapModel } from './swap-model.js';

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
    feature: async (view, key) => {
      const latest = engine.store.read(view, key, readAtMs());
      return latest === undefined ? { kind: 'none' } : { kind: 'found', latest, stale: false };
    },
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
    policies: async () => ({
      ok: true,
      policies: engine.graph.monitors.map((one) => {
        const { definition, policy } = one;
        return { monitor: definition.name, state: policy, mutable: mutableFeatures(one) };
      }),
    }),
    references: async () => ({ ok: true, references: usesOf(engine) }),
    useModel: (name, version, done) => {
      const model = pipeline.models.find((one) => one.name === name);
      const { who, atMs } = done;
      const swap = model === undefined ? null : { model, version, who, atMs };
      const { registry } = engine.graph;
      return swapModel(swap, registry, usesOf(engine), done, (command) => say(engine, command));
    },
    say: (command) => say(engine, command),
    drift: () => historyOf(engine, info),
    alerts: () => alertsOf(engine.history),
    retrainingEvents: () => engine.history.retraining.map(retrainingOf),
  };
}

function usesOf({ graph }: Engine): readonly ReferenceUse[] {
  return graph.monitors.map(({ definition, policy, reference, switches }) => {
    return { definition, modelVersion: policy.modelVersion, reference, switches };
  });
}

async function say(engine: Engine, command: Command): Promise<Said> {
  if (await engine.say(JSON.stringify(command))) return { ok: true };
  return { ok: false, why: 'the engine is starting, stopping, or has too much to hear already' };
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
    lanes: cursors.map(laneOf),
    watermarks: topics.map((topic) => watermarkOf(engine, topic)),
    share: null,
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

function laneOf({ topic, partition, counts }: Cursor): LaneStatus {
  const taken = counts.reduce((a, b) => a + b, 0);
  return { topic, partition: partitionText(partition), taken, counts, lag: null };
}

function partitionText(partition: number): string {
  return partition === postedPartition ? 'posted' : String(partition);
}

function watermarkOf({ graph, source }: Engine, topic: string): TopicWatermark {
  const tasks = graph.tasks.flat().filter((task) => task.stage.events.topic === topic);
  const toldMs = Math.min(...tasks.map((task) => task.watermarkMs));
  const holder = source?.holders().find((one) => one.topic === topic);
  return {
    topic,
    watermarkMs: Number.isFinite(toldMs) ? toldMs : null,
    holder: holder === undefined ? null : partitionText(holder.partition),
  };
}

function historyOf({ graph, history }: Engine, { planted }: SourceInfo): DriftHistory {
  const [monitor] = graph.monitors;
  return driftOf(history, {
    note: noteOf(monitor === undefined ? null : monitor.reference !== null),
    empty: 'The first period is still being observed.',
    threshold: monitor?.definition.policy.driftEffect ?? 0,
    planted,
  });
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
      else listener({ kind: 'alert', alert: alertOf(emission) });
    }
  };
  engine.listeners.add(forward);
  return () => engine.listeners.delete(forward);
}
