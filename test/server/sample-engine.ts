import type { FeatureValue, ViewShape } from '../../src/features/shape.js';
import type { Command } from '../../src/monitors/command.js';
import type { Latest } from '../../src/records/vector.js';
import type {
  Acceptance,
  DriftAlert,
  DriftHistory,
  EngineEvent,
  EngineStatus,
  EngineView,
  Found,
  PartReadiness,
  PoliciesFound,
  ReferencesFound,
  RetrainingEvent,
} from '../../src/server/engine-view.js';

export const userView: ViewShape = {
  name: 'user',
  key: 'user_id',
  hash: '0123456789abcdef',
  features: [
    { name: 'clicks_1h', type: 'integer', comment: 'Clicks of the last hour.' },
    { name: 'clicks_24h', type: 'integer', comment: 'Clicks of the last 24 hours.' },
    { name: 'avg_rating_given', type: 'number', comment: 'Mean of the ratings, lifetime.' },
    { name: 'last_activity', type: 'time', comment: 'Largest event time.' },
    { name: 'busy_hours', type: 'integers', length: 3, comment: 'Counts per hour.' },
    { name: 'visited_categories', type: 'counts', comment: 'Most frequent categories.' },
  ],
};

export const noonMs = Date.parse('2024-01-15T12:00:00.000Z');

export function latestOf(key: string | number, values: readonly FeatureValue[]): Latest {
  const position = { epoch: 0, n: 7 };
  return { view: userView, key, asOfMs: noonMs, validUntilMs: noonMs + 60_000, position, values };
}

export const sampleAlert: DriftAlert = {
  id: 'ranker-1/3',
  episode: '3',
  model: 'ranker',
  version: '1',
  timeMs: noonMs,
  periodStartMs: noonMs - 86_400_000,
  periodEndMs: noonMs,
  threshold: 0.2,
  evidence: [
    {
      subject: 'feature',
      feature: 'place.price_level',
      test: 'psi',
      statistic: 0.8355,
      usual: 0.0043,
      psi: 0.8312,
      critical: 0.04,
      ks: 0.31,
      referenceCount: 9000,
      currentCount: 800,
    },
  ],
  changes: ['place.price_level: above 3 from 8.5 % to 35.6 %'],
  nextStep: 'Look first whether the source of place.price_level broke.',
  endedMs: null,
};

export const sampleRetraining: RetrainingEvent = {
  id: 'ranker-1/3',
  episode: '3',
  model: 'ranker',
  version: '1',
  timeMs: noonMs,
  reason: 'PSI of place.price_level is 0.83, above 0.20, in 2 of 3 periods.',
  strategy: 'sliding window',
  trainingData: 'SELECT * FROM vectors',
};

/** An engine that holds what a test puts in, and remembers what it was given. */
export interface SampleEngine extends EngineView {
  /** What `policies` answers. */
  found: PoliciesFound;
  used: ReferencesFound;
  /** Versions that lie ready. */
  readonly ready: string[];
  readonly said: Command[];
  readonly vectors: Map<string, Latest>;
  /** Keys whose vectors are past their time. */
  readonly stale: Set<string>;
  readonly taken: { topic: string; lines: readonly string[] }[];
  parts: PartReadiness[];
  current: EngineStatus;
  answer: ((lines: readonly string[]) => Acceptance) | null;
  history: DriftHistory;
  raised: DriftAlert[];
  /** Calls for retraining that no alert is behind. */
  scheduled: RetrainingEvent[];
  emit(event: EngineEvent): void;
  listeners(): number;
}

const idleStatus: EngineStatus = {
  eventsPerSecond: 12.5,
  watermarkMs: noonMs,
  watermarkHolder: 'interactions/0 idle for 41 s',
  catchingUp: null,
  accounts: [
    { topic: 'interactions', in: 10, used: 6, late: 1, invalid: 2, duplicate: 1, filtered: 0 },
  ],
  lanes: [
    { topic: 'interactions', partition: '0', taken: 10, counts: [6, 1, 1, 1, 1, 0], lag: null },
  ],
  watermarks: [{ topic: 'interactions', watermarkMs: noonMs, holder: '0' }],
  share: null,
  entities: [{ view: 'user', count: 1 }],
  scoring: { scoresPerSecond: 3, p95Ms: 8.25 },
};

export function sampleEngine(): SampleEngine {
  const listeners = new Set<(event: EngineEvent) => void>();
  const engine: SampleEngine = {
    pipeline: 'places',
    vectors: new Map(),
    taken: [],
    stale: new Set(),
    parts: [{ name: 'online store', ready: true, why: '' }],
    current: idleStatus,
    answer: null,
    history: { note: '', threshold: 0.2, periods: [], series: [], planted: [] },
    raised: [],
    scheduled: [],
    found: { ok: true, policies: [] },
    used: { ok: true, references: [] },
    ready: ['2'],
    said: [],
    topics: () => ['interactions', 'place-updates'],
    views: () => [userView],
    async feature(view, key): Promise<Found> {
      const latest = view === 'user' ? engine.vectors.get(key) : undefined;
      return latest === undefined
        ? { kind: 'none' }
        : { kind: 'found', latest, stale: engine.stale.has(key) };
    },
    recentKeys: (_view, limit) => [...engine.vectors.values()].map((v) => v.key).slice(0, limit),
    health: () => ({ ok: true, why: '' }),
    readiness: () => ({ ready: engine.parts.every((part) => part.ready), parts: engine.parts }),
    status: () => engine.current,
    async accept(topic, lines) {
      engine.taken.push({ topic, lines });
      if (engine.answer !== null) return engine.answer(lines);
      return { ok: true, verdicts: lines.map(() => ({ verdict: 'used', reason: '' })) };
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    drift: () => engine.history,
    alerts: () => engine.raised,
    policies: async () => engine.found,
    references: async () => engine.used,
    useModel: async (_model, version, done) => {
      const there = engine.ready.includes(version);
      if (!there) return { ok: false, why: `version ${version} does not lie there`, refused: true };
      return engine.say(done);
    },
    say: async (command) => {
      engine.said.push(command);
      return { ok: true };
    },
    retrainingEvents: () => [...engine.raised.map(() => sampleRetraining), ...engine.scheduled],
    emit(event) {
      for (const listener of listeners) listener(event);
    },
    listeners: () => listeners.size,
  };
  return engine;
}
