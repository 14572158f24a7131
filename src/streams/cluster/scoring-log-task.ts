import { WeirError } from '../../errors.js';
import type { ModelDefinition } from '../../models/definition.js';
import type { ModelRegistry } from '../../models/model-registry.js';
import { scoresGroup } from '../../monitors/binning.js';
import { decodeHalves } from '../../operators/half-frame.js';
import { layoutOf, type ModelLayout } from '../../operators/half-layout.js';
import { LabelSamplers, type LabelSnapshots } from '../../operators/label-samplers.js';
import { ModelScorer, type ScoringCandidate } from '../../operators/model-scorer.js';
import { type MonitorClosing, type Monitored, sourceOf } from '../../operators/monitor-plan.js';
import {
  type JoinLimits,
  type JoinSnapshot,
  type Released,
  ScoringJoin,
  usualJoinLimits,
} from '../../operators/scoring-join.js';
import type { Score } from '../../records/score.js';
import type { LoadedModels } from '../load-models.js';
import type { LogMessage, LogTask } from './log-task.js';
import type { ScoreRecord, TaskOutput } from './scoring-output.js';
import { parseTold, type Told, type ToldModel, toldJson } from './told-message.js';

export interface ScoringLogSettings {
  readonly models: readonly ModelDefinition[];
  /** A model that is not loaded gets its inputs written with null scores. */
  readonly loaded: LoadedModels;
  readonly monitors: readonly Monitored[];
  readonly epoch: number;
  readonly partition: number;
  /** The same partition of the topic `scores`. */
  readonly scores: TaskOutput<ScoreRecord>;
  /** The monitor log. */
  readonly monitor: TaskOutput<MonitorClosing>;
  readonly limits?: Partial<JoinLimits>;
  readonly clock?: () => number;
  /** Where another version of a model is found; null where there is never one. */
  readonly registry?: ModelRegistry | null;
  /** Told of a version that is to score and is not there: the former one goes on. */
  readonly onModelMissing?: (error: WeirError) => void;
}

/** How long after a version was not there it is looked for again, ms. */
const lookAgainMs = 10_000;

/** One model in the task. */
interface Scoring {
  readonly layout: ModelLayout;
  readonly scorer: ModelScorer;
  join: ScoringJoin;
  readonly labels: LabelSamplers;
  /** The score written last; null before the first. */
  last: Score | null;
  /** The watermark that was last told to those who read the scores, ms. */
  toldMs: number;
  /** A watermark that goes with the next score, for want of one to repeat. */
  owedMs: number | null;
  /** What the policy told, likewise: one with each. */
  owedTold: Told[];
  /** The version that the policy told last; null for the one that was loaded. */
  told: ToldModel | null;
  /** When a version that is not there is looked for again, ms. */
  lookAtMs: number;
}

/**
 * One partition of the scoring log: joins the halves that feature tasks append (`SplitHalves`) and
 * appends the scores to the same partition of `scores`, in the order of the first halves. What the
 * clock decides, a score without its second half, becomes data there: a task that comes again may
 * decide otherwise, and the first record of a position counts.
 *
 * Where a monitor's period ends, readers of `scores` must hear of it even on a quiet stream: the
 * last score is then written again with the watermark as a header. A partition that has never had
 * a score has nothing to sample: its empty closing goes to the monitor log at once.
 *
 * What became of scores is known here too, since outcomes come with the first halves: labels are
 * joined in the order of the log, and their periods closed into the monitor log.
 *
 * Use: `new ScoringLogTask({ models: pipeline.models, loaded, monitors: monitorsOf(…), epoch,
 * partition, scores, monitor })`, run by the task runtime; all parts of its state are in `dump`.
 */
export class ScoringLogTask implements LogTask {
  /** Halves of models or layouts that this task does not know. */
  foreign = 0;
  readonly #settings: ScoringLogSettings;
  readonly #limits: JoinLimits;
  readonly #clock: () => number;
  readonly #models = new Map<string, Scoring>();
  #atEnd = false;
  /** When messages last came, or the state was restored, ms. */
  #takenMs = 0;

  constructor(settings: ScoringLogSettings) {
    this.#settings = settings;
    this.#limits = { ...usualJoinLimits, ...settings.limits };
    this.#clock = settings.clock ?? Date.now;
    for (const model of settings.models) {
      const layout = layoutOf(model);
      const slots = { first: layout.first.slots, second: layout.second.slots };
      const loaded = settings.loaded.models.get(model.name) ?? null;
      this.#models.set(model.name, {
        layout,
        scorer: new ModelScorer(model, loaded, slots, settings.epoch),
        join: new ScoringJoin(layout, this.#limits),
        labels: new LabelSamplers(settings.monitors, model.name, settings.partition),
        last: null,
        toldMs: Number.NEGATIVE_INFINITY,
        owedMs: null,
        owedTold: [],
        told: null,
        lookAtMs: 0,
      });
    }
  }

  /** For metrics, summed over the models. */
  get state(): ScoringState {
    const list = [...this.#models.values()];
    const sum = (of: (one: Scoring) => number) => list.reduce((total, one) => total + of(one), 0);
    return {
      missing: sum((one) => one.join.missing),
      unclaimed: sum((one) => one.join.unclaimed),
      repeated: sum((one) => one.join.repeated),
      firstsPending: sum((one) => one.join.pending.firsts),
      secondsPending: sum((one) => one.join.pending.seconds),
      failed: sum((one) => one.scorer.failures.failed),
      retried: sum((one) => one.scorer.failures.retried),
    };
  }

  async take(messages: readonly LogMessage[], atEnd: boolean): Promise<void> {
    const nowMs = this.#clock();
    this.#atEnd = atEnd;
    this.#takenMs = nowMs;
    for (const { value } of messages) {
      const told = parseTold(value);
      if (told !== null) {
        await this.#score(nowMs); // what stands before it
        this.#tell(told);
        continue;
      }
      const frame = decodeHalves(value);
      const scoring = this.#models.get(frame.model);
      if (scoring?.layout.hash !== frame.layout) this.foreign += frame.count;
      else scoring.join.take(frame, nowMs);
    }
    await this.#score(nowMs);
  }

  async tick(nowMs: number): Promise<void> {
    // A task that was just restored is not at the end: the second halves may lie unread.
    if (nowMs - this.#takenMs >= this.#limits.waitMsMax) this.#atEnd = true;
    if (this.#atEnd) await this.#score(nowMs);
  }

  async ready(): Promise<void> {
    await this.#settings.scores.ready();
    await this.#settings.monitor.ready();
  }

  async flush(): Promise<void> {
    await this.#settings.scores.flush();
    await this.#settings.monitor.flush();
  }

  async close(): Promise<void> {
    // It holds nothing of its own.
  }

  dump(): Map<string, readonly Uint8Array[]> {
    const kept = [...this.#models].map(([name, scoring]): [string, KeptScoring] => {
      const { layout, join, labels, last, toldMs, owedMs } = scoring;
      const told = Number.isFinite(toldMs) ? toldMs : null;
      const state = { join: join.dump(), labels: labels.dump() };
      const owed = scoring.owedTold.map(toldJson);
      const more = { toldModel: scoring.told, owedTold: owed };
      return [name, { layout: layout.hash, ...state, last, toldMs: told, owedMs, ...more }];
    });
    return new Map([['scoring', [new TextEncoder().encode(JSON.stringify(kept))]]]);
  }

  restore(parts: ReadonlyMap<string, Uint8Array>): void {
    const text = new TextDecoder().decode(parts.get('scoring'));
    const list: readonly [string, KeptScoring][] = JSON.parse(text);
    this.#takenMs = this.#clock();
    for (const [name, kept] of list) {
      const scoring = this.#models.get(name);
      if (scoring?.layout.hash !== kept.layout) continue;
      scoring.join = new ScoringJoin(scoring.layout, this.#limits);
      scoring.join.restore(kept.join, this.#clock());
      scoring.labels.restore(kept.labels ?? {});
      scoring.last = kept.last;
      scoring.toldMs = kept.toldMs ?? Number.NEGATIVE_INFINITY;
      scoring.owedMs = kept.owedMs;
      scoring.owedTold = (kept.owedTold ?? []).map((text) => parseTold(Buffer.from(text))!);
      const { toldModel = null } = kept;
      scoring.told = this.#isMeant(name, toldModel) ? toldModel : null;
      scoring.lookAtMs = 0;
    }
  }

  /** A reference goes on to those who read the scores, at its place among them. */
  #tell(told: Told): void {
    if (told.kind === 'model') {
      const scoring = this.#models.get(told.model);
      if (scoring === undefined || !this.#isMeant(told.model, told)) return;
      if (told.place <= (scoring.told?.place ?? -1)) return;
      scoring.told = told;
      scoring.lookAtMs = 0;
      return;
    }
    for (const [name, scoring] of this.#models) {
      const isWatching = this.#watching(scoring).some((one) => {
        return one.plan.definition.name === told.monitor;
      });
      if (told.reference.model !== name || !isWatching) continue;
      scoring.labels.use(told);
      const { last } = scoring;
      if (last !== null) this.#settings.scores.write([{ score: last, watermarkMs: null, told }]);
      else scoring.owedTold = [...scoring.owedTold.filter((one) => !isOf(one, told)), told];
    }
  }

  #isMeant(model: string, told: ToldModel | null): boolean {
    const own = this.#settings.loaded.models.get(model)?.manifest.version ?? 'none';
    return told?.configured === own;
  }

  /** Takes up the version that was told, once it lies there. */
  async #takeUp({ scorer, told, layout }: Scoring): Promise<boolean> {
    const { registry = null, onModelMissing } = this.#settings;
    if (told === null || registry === null || told.version === scorer.version) return true;
    try {
      scorer.use(await registry.open(layout.model, told.version, told.sha256));
      return true;
    } catch (error) {
      if (!(error instanceof WeirError)) throw error;
      onModelMissing?.(error);
      return false;
    }
  }

  async #score(nowMs: number): Promise<void> {
    for (const scoring of this.#models.values()) {
      const released = scoring.join.release(nowMs, !this.#atEnd);
      if (released.length === 0) continue;
      if (nowMs >= scoring.lookAtMs && !(await this.#takeUp(scoring))) {
        scoring.lookAtMs = nowMs + lookAgainMs;
      }
      const events = released.flatMap((one): ScoringCandidate[] =>
        one.kind === 'event' ? [one.event] : [],
      );
      const { scores } = await scoring.scorer.score(events, null);
      const records = this.#records(scoring, released, scores);
      if (records.length > 0) this.#settings.scores.write(records);
    }
  }

  /** The scores in order, with the watermarks that must be heard at their places. */
  #records(
    scoring: Scoring,
    released: readonly Released[],
    scores: readonly Score[],
  ): ScoreRecord[] {
    const records: ScoreRecord[] = [];
    let next = 0;
    for (const one of released) {
      if (one.kind === 'event') {
        const score = scores[next++]!;
        if (one.item !== null) scoring.labels.score(score, one.item);
        const told = scoring.owedTold.shift();
        const owed = told === undefined ? {} : { told };
        records.push({ score, watermarkMs: scoring.owedMs, ...owed });
        scoring.owedMs = null;
        scoring.last = score;
        continue;
      }
      if (one.kind === 'outcome') {
        scoring.labels.outcome(one.key, one.item, one.timeMs);
        continue;
      }
      const labelled = scoring.labels.advance(one.watermarkMs);
      if (labelled.length > 0) this.#settings.monitor.write(labelled);
      if (this.#endsPeriod(scoring, one.watermarkMs)) {
        scoring.toldMs = one.watermarkMs;
        if (scoring.last !== null) {
          records.push({ score: scoring.last, watermarkMs: one.watermarkMs });
        } else {
          scoring.owedMs = one.watermarkMs;
          this.#settings.monitor.write(this.#emptyClosings(scoring, one.watermarkMs));
        }
      }
    }
    return records;
  }

  #watching({ layout }: Scoring): readonly Monitored[] {
    return this.#settings.monitors.filter(
      ({ plan }) => plan.model?.name === layout.model.name && plan.groups.includes(scoresGroup),
    );
  }

  #endsPeriod(scoring: Scoring, watermarkMs: number): boolean {
    return this.#watching(scoring).some(({ plan }) => {
      const { periodMs } = plan.definition;
      return Math.floor(watermarkMs / periodMs) > Math.floor(scoring.toldMs / periodMs);
    });
  }

  #emptyClosings(scoring: Scoring, watermarkMs: number): MonitorClosing[] {
    return this.#watching(scoring).map(({ plan }) => {
      const { name, periodMs } = plan.definition;
      const closedUpToMs = Math.floor(watermarkMs / periodMs) * periodMs;
      const observedFromMs = Number.POSITIVE_INFINITY;
      const closing = { closedUpToMs, observedFromMs, periods: [] };
      const source = sourceOf(plan, scoresGroup, this.#settings.partition);
      return { monitor: name, source, closing };
    });
  }
}

/** Whether both are references of one monitor: the later is enough. */
function isOf(a: Told, b: Told): boolean {
  return a.kind === 'reference' && b.kind === 'reference' && a.monitor === b.monitor;
}

interface KeptScoring {
  readonly layout: string;
  readonly join: JoinSnapshot;
  readonly labels?: LabelSnapshots;
  readonly last: Score | null;
  readonly toldMs: number | null;
  readonly owedMs: number | null;
  readonly toldModel?: ToldModel | null;
  readonly owedTold?: readonly string[];
}

export interface ScoringState {
  /** Events scored without their second half. */
  readonly missing: number;
  readonly unclaimed: number;
  readonly repeated: number;
  readonly firstsPending: number;
  readonly secondsPending: number;
  readonly failed: number;
  readonly retried: number;
}
