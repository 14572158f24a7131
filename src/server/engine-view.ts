import type { ViewShape } from '../features/shape.js';
import type { Command } from '../monitors/command.js';
import type { PolicyView } from '../monitors/policy-view.js';
import type { ReferenceUse } from '../monitors/reference-fit.js';
import type { Verdict } from '../records/batch.js';
import type { Score } from '../records/score.js';
import type { Latest } from '../records/vector.js';

/** One part of the process that must be up before requests are answered well. */
export interface PartReadiness {
  /** Such as `online store`, `clickhouse`, `model`. */
  readonly name: string;
  readonly ready: boolean;
  /** One phrase; empty where it is ready. */
  readonly why: string;
}

/** A topic's records by verdict: in = used + late + invalid + duplicate + filtered. */
export interface TopicAccount {
  readonly topic: string;
  readonly in: number;
  readonly used: number;
  readonly late: number;
  /** Stamps too far ahead included. */
  readonly invalid: number;
  readonly duplicate: number;
  readonly filtered: number;
}

/** A source partition that this process takes in. */
export interface LaneStatus {
  readonly topic: string;
  /** Its number; `posted` for lines that came over HTTP. */
  readonly partition: string;
  /** Records taken, whatever became of them: the sum of `counts`, counted apart. */
  readonly taken: number;
  /** Records so far by verdict, in the order of `verdicts`. */
  readonly counts: readonly number[];
  /** Records between it and the end of the source; null where the source has no known end. */
  readonly lag: number | null;
}

/** How far the event time of a topic is, over all tasks of this process. */
export interface TopicWatermark {
  readonly topic: string;
  /** Null before the first event. */
  readonly watermarkMs: number | null;
  /** The source partition that holds it; null where none does. */
  readonly holder: string | null;
}

/** A task that this process holds. */
export interface TaskStatus {
  /** Such as `user.3`. */
  readonly name: string;
  readonly state: 'restoring' | 'waiting' | 'running';
  /** Messages between it and the end of its log. */
  readonly lag: number;
}

/** This process's share of a pipeline that several processes run. */
export interface ShareStatus {
  /** `all`, or the one role of this process. */
  readonly role: string;
  readonly tasks: readonly TaskStatus[];
  /** What holds the work up, the cause and what waits for it, a sentence each. */
  readonly pauses: readonly string[];
}

export interface EngineStatus {
  /** Source records of all topics taken per second, over about the last second. */
  readonly eventsPerSecond: number;
  /** Lowest watermark over the event sources; null before the first event. */
  readonly watermarkMs: number | null;
  /** What holds it, in words: `interactions/7 idle for 41 s`; empty where nothing does. */
  readonly watermarkHolder: string;
  /** Progress through history; null when live. */
  readonly catchingUp: { readonly day: number; readonly days: number } | null;
  readonly accounts: readonly TopicAccount[];
  /** The same by source partition. */
  readonly lanes: readonly LaneStatus[];
  readonly watermarks: readonly TopicWatermark[];
  /** Null where the whole pipeline is in this process. */
  readonly share: ShareStatus | null;
  /** Entities held per view. */
  readonly entities: readonly { readonly view: string; readonly count: number }[];
  /** Null where the pipeline has no model or it is not there. */
  readonly scoring: {
    readonly scoresPerSecond: number;
    /** From event taken to score written, over about the last minute; null before the first. */
    readonly p95Ms: number | null;
  } | null;
}

/** What is found of a key. */
export type Found =
  | {
      readonly kind: 'found';
      readonly latest: Latest;
      /** Time has passed that the vector does not know of, and it could not be evaluated anew. */
      readonly stale: boolean;
    }
  | { readonly kind: 'none' }
  /** Another place may hold it, which cannot be asked now; `why` in one sentence. */
  | { readonly kind: 'unavailable'; readonly why: string };

/** Where the policies of all monitors stand. */
export type PoliciesFound =
  | { readonly ok: true; readonly policies: readonly PolicyView[] }
  | { readonly ok: false; readonly why: string };

/** What each monitor is held against, where that can be said and switched. */
export type ReferencesFound =
  | { readonly ok: true; readonly references: readonly ReferenceUse[] }
  | { readonly ok: false; readonly why: string };

/** Whether a command stands in the log now; `why` in one sentence. */
export type Said =
  | { readonly ok: true }
  /** `refused`: to say it again helps only once what is missing is there. */
  | { readonly ok: false; readonly why: string; readonly refused?: true };

/** What was decided of one line of a `POST /events/{topic}`. */
export interface LineVerdict {
  readonly verdict: Verdict;
  /** Why it is not used; empty where it is. */
  readonly reason: string;
}

/** Either all lines were judged, in order, or none was taken. */
export type Acceptance =
  | { readonly ok: true; readonly verdicts: readonly LineVerdict[] }
  | {
      readonly ok: false;
      /**
       * `full`: try again soon; `unavailable`: this engine takes none now (stopping, read-only).
       */
      readonly reason: 'full' | 'unavailable';
      /** One sentence. */
      readonly why: string;
      readonly retryAfterMs: number;
    };

/** One check with what it was held against. */
export interface DriftEvidence {
  /** What it is about: `feature`, `score`, `performance`, `quality` and so on. */
  readonly subject: string;
  /** `view.feature`, `score`, `performance`; with its segment where it is of one. */
  readonly feature: string;
  readonly test: string;
  /** The figure found, and what the reference has; null where it has none. */
  readonly statistic: number;
  readonly usual: number | null;
  /** Bias-corrected; null where another test found it. */
  readonly psi: number | null;
  /** Critical value of the statistic at the level of the policy. */
  readonly critical: number | null;
  /** Lower bound of the Kolmogorov–Smirnov distance; null where not numeric. */
  readonly ks: number | null;
  /** Sample sizes. */
  readonly referenceCount: number;
  readonly currentCount: number;
}

export interface DriftAlert {
  readonly id: string;
  readonly episode: string;
  readonly model: string;
  readonly version: string;
  readonly timeMs: number;
  /** The period whose evaluation raised it. */
  readonly periodStartMs: number;
  readonly periodEndMs: number;
  /** PSI threshold in force. */
  readonly threshold: number;
  /** Worst first. */
  readonly evidence: readonly DriftEvidence[];
  /** How each feature's distribution changed, a sentence each, as the episode's last alert told. */
  readonly changes: readonly string[];
  /** What to do, in one or two sentences. */
  readonly nextStep: string;
  /** When the episode ended; null while it lasts. */
  readonly endedMs: number | null;
}

export interface RetrainingEvent {
  readonly id: string;
  readonly episode: string;
  readonly model: string;
  readonly version: string;
  readonly timeMs: number;
  /** One sentence. */
  readonly reason: string;
  /** `sliding window`, `weighted` or `full`. */
  readonly strategy: string;
  /** A query or time range that yields the training rows. */
  readonly trainingData: string;
}

/** PSI per monitored feature and evaluated period; the columns are parallel to `periods`. */
export interface DriftHistory {
  /** Why there is nothing to see yet, with the remedy; empty while evaluating. */
  readonly note: string;
  /** PSI a feature must pass. */
  readonly threshold: number;
  readonly periods: readonly { readonly startMs: number; readonly endMs: number }[];
  readonly series: readonly {
    readonly feature: string;
    /** Bias-corrected; null where there was not enough data. */
    readonly psi: readonly (number | null)[];
    readonly critical: readonly (number | null)[];
  }[];
  /** Drifts the generator was told to plant; empty for real sources. */
  readonly planted: readonly {
    readonly name: string;
    readonly timeMs: number;
    /** What it does, one phrase. */
    readonly effect: string;
  }[];
}

export type EngineEvent =
  /** These keys' latest vectors changed; readers take the vectors themselves with `feature`. */
  | {
      readonly kind: 'features';
      readonly view: string;
      readonly keys: Iterable<string | number>;
    }
  | { readonly kind: 'scores'; readonly scores: readonly Score[] }
  | { readonly kind: 'alert'; readonly alert: DriftAlert }
  | { readonly kind: 'retraining'; readonly event: RetrainingEvent };

/**
 * All that the server knows of the engine; every method is cheap, none throws on bad input, and
 * reading changes nothing: the server and its clients ask at any moment, as often as they like.
 */
export interface EngineView {
  readonly pipeline: string;
  /** Topics that take events. */
  topics(): readonly string[];
  views(): readonly ViewShape[];
  /**
   * The key's latest vector, evaluated now where its state is here; a key's identity is its text.
   */
  feature(view: string, key: string): Promise<Found>;
  /** Keys with the newest events first, distinct, at most `limit`. */
  recentKeys(view: string, limit: number): readonly (string | number)[];
  /** Not ok when the process should be restarted. */
  health(): { readonly ok: boolean; readonly why: string };
  readiness(): { readonly ready: boolean; readonly parts: readonly PartReadiness[] };
  status(): EngineStatus;
  /** Takes lines of one of `topics()`; `verdicts` are parallel to `lines`. */
  accept(topic: string, lines: readonly string[]): Promise<Acceptance>;
  /** Calls back after each batch, nothing while no one listens; returns what ends it. */
  subscribe(listener: (event: EngineEvent) => void): () => void;
  /** Episodes, mutes and retraining, by monitor. */
  policies(): Promise<PoliciesFound>;
  references(): Promise<ReferencesFound>;
  /**
   * Says that a version of a model is done and lets it score, if it lies there whole and with a
   * reference; resolves when both stand in the log. Else nothing is said.
   */
  useModel(model: string, version: string, done: Command): Promise<Said>;
  /** Says something to a monitor: resolves when it stands in the log that its policy reads. */
  say(command: Command): Promise<Said>;
  drift(): DriftHistory;
  /** Newest first, at most the last 100. */
  alerts(): readonly DriftAlert[];
  /** Newest first, at most the last 100. */
  retrainingEvents(): readonly RetrainingEvent[];
}
