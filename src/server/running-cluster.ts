import type { Redis } from '../sinks/redis/client.js';
import { accountOf } from '../streams/account.js';
import type { Cluster } from '../streams/cluster/cluster.js';
import type { HeldTask } from '../streams/cluster/held-task.js';
import { monitorStage } from '../streams/cluster/names.js';
import { featuresHeld, findFeature } from './cluster-features.js';
import type { ClusterFeed } from './cluster-feed.js';
import { ClusterPolicies } from './cluster-policies.js';
import { readinessOf } from './cluster-readiness.js';
import { type ClusterSinks, pausesOf, stallsOf } from './cluster-sinks.js';
import { clusterWatermarks, holderWords } from './cluster-watermarks.js';
import { alertsOf, driftOf, noteOf, retrainingOf } from './drift-view.js';
import type {
  DriftHistory,
  EngineStatus,
  EngineView,
  LaneStatus,
  ReferencesFound,
  TaskStatus,
} from './engine-view.js';
import { Pace } from './pace.js';
import { swapModel } from './swap-model.js';

/** What the server asks beside the cluster. */
export interface ClusterParts {
  readonly role: string;
  readonly sinks: ClusterSinks;
  readonly feed: ClusterFeed;
  /** Where vectors of other processes are read; null where there is no Redis. */
  readonly redis: Redis | null;
  /** Why Redis cannot be read; empty where it can. */
  readonly redisWhy: () => string;
  /** Why something waits for the schema registry, null while nothing does; null without one. */
  readonly registryWaitsFor: (() => string | null) | null;
}

const loading = { ok: false, why: 'the models are being loaded; ask again' } as const;

/** This process's share of a pipeline over Kafka, as the server sees it. */
export function viewOfCluster(cluster: Cluster, parts: ClusterParts): EngineView {
  const { pipeline, sources } = cluster.settings;
  const { feed } = parts;
  const policies = new ClusterPolicies(cluster, parts.sinks.output);
  const paces = { events: new Pace(), scores: new Pace() };
  const references = async (): Promise<ReferencesFound> =>
    feed.monitors === null ? loading : policies.references(feed.monitors);
  return {
    pipeline: pipeline.name,
    topics: () => pipeline.topics.map(({ topic }) => topic),
    views: () => pipeline.views.map((view) => view.shape),
    feature: (view, key) => findFeature(cluster, parts.redis, view, key),
    recentKeys: (view, limit) => feed.recentKeys(view, limit),
    health: () => ({ ok: true, why: '' }),
    readiness: () => readinessOf(cluster, parts),
    status: () => statusOf(cluster, parts, paces),
    accept: async (topic) => {
      const name = sources.get(topic)?.name ?? topic;
      const why = `this process reads its events from Kafka; produce to the topic ${name} instead`;
      return { ok: false, reason: 'unavailable', why, retryAfterMs: 60_000 };
    },
    subscribe: (listener) => {
      feed.listeners.add(listener);
      return () => feed.listeners.delete(listener);
    },
    policies: async () => (feed.monitors === null ? loading : policies.policies(feed.monitors)),
    references,
    useModel: async (name, version, done) => {
      const found = await references();
      if (!found.ok) return found;
      const model = pipeline.models.find((one) => one.name === name);
      const { who, atMs } = done;
      const swap = model === undefined ? null : { model, version, who, atMs };
      const { registry } = feed;
      return swapModel(swap, registry, found.references, done, (said) => policies.say(said));
    },
    say: (command) => policies.say(command),
    drift: () => historyOf(cluster, feed),
    alerts: () => alertsOf(feed.history),
    retrainingEvents: () => feed.history.retraining.map(retrainingOf),
  };
}

export function tasksOf(cluster: Cluster): HeldTask[] {
  return cluster.runtimes.flatMap(({ tasks }) => tasks);
}

interface Paces {
  readonly events: Pace;
  readonly scores: Pace;
}

function statusOf(cluster: Cluster, parts: ClusterParts, paces: Paces): EngineStatus {
  const nowMs = Date.now();
  const { pipeline } = cluster.settings;
  const { feed, sinks, role } = parts;
  const lanes = cluster.ingest?.lanes() ?? [];
  const cursors = lanes.map(({ cursor }) => cursor);
  const watermarks = clusterWatermarks(cluster);
  const told = watermarks.flatMap(({ watermarkMs }) => (watermarkMs === null ? [] : [watermarkMs]));
  const tasks = tasksOf(cluster);
  const waiting = tasks.filter((held) => held.waiting !== '').map(({ name }) => name);
  return {
    eventsPerSecond: paces.events.perSecond(cluster.ingest?.records ?? 0, nowMs),
    watermarkMs: told.length === 0 ? null : Math.min(...told),
    watermarkHolder: holderWords(cluster, watermarks, lanes),
    catchingUp: null,
    accounts: pipeline.topics.map(({ topic }) => ({ topic, ...accountOf(topic, cursors) })),
    lanes: lanes.map(
      ({ topic, partition, cursor, taken, lag }): LaneStatus => ({
        topic,
        partition: String(partition),
        taken,
        counts: cursor.counts,
        lag,
      }),
    ),
    watermarks,
    entities: entitiesOf(cluster),
    scoring: !feed.monitors?.length && feed.scores === 0 ? null : scoringOf(feed, paces, nowMs),
    share: {
      role,
      tasks: tasks.map(taskStatus),
      pauses: [...pausesOf(stallsOf(sinks), waiting), ...registryPauses(parts)],
    },
  };
}

function taskStatus({ name, loaded, waiting, end, next }: HeldTask): TaskStatus {
  const state = loaded ? (waiting === '' ? 'running' : 'waiting') : 'restoring';
  return { name, state, lag: loaded ? Math.max(0, end - next) : 0 };
}

function registryPauses({ registryWaitsFor }: ClusterParts): string[] {
  const why = registryWaitsFor?.() ?? null;
  return why === null ? [] : [`Records in Avro wait for their schema: ${why}`];
}

function scoringOf(feed: ClusterFeed, { scores }: Paces, nowMs: number): EngineStatus['scoring'] {
  return { scoresPerSecond: scores.perSecond(feed.scores, nowMs), p95Ms: null };
}

function entitiesOf(cluster: Cluster): EngineStatus['entities'] {
  const states = featuresHeld(cluster).flatMap(({ task }) => task.settings.task.views);
  return cluster.settings.pipeline.views.map(({ name }) => ({
    view: name,
    count: states.reduce(
      (sum, state) => sum + (state.definition.name === name ? state.keys.count : 0),
      0,
    ),
  }));
}

const nothingJudged =
  'No period has ended since this process took the monitor task; the table checks in ClickHouse has what was before.';

function historyOf(cluster: Cluster, { history, monitors }: ClusterFeed): DriftHistory {
  const monitored = monitors?.[0];
  const isHere = tasksOf(cluster).some(({ kind }) => kind.name === monitorStage);
  const elsewhere = 'Another process holds the monitor task: drift is shown there.';
  return driftOf(history, {
    note: isHere
      ? noteOf((monitored?.reference ?? null) !== null)
      : noteElsewhere(cluster, elsewhere),
    empty: nothingJudged,
    threshold: monitored?.plan.definition.policy.driftEffect ?? 0,
    planted: [],
  });
}

function noteElsewhere({ settings }: Cluster, elsewhere: string): string {
  return settings.pipeline.monitors.length === 0 ? noteOf(null) : elsewhere;
}
