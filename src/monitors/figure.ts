import type { CheckSubject, CheckTest } from './check.js';

/** How a figure is held against the same figure of the reference's periods. */
export interface FigureRule {
  /** Which way is worse. */
  readonly worse: 'up' | 'down' | 'either';
  /** The effect: the difference over the reference's figure, the difference, or its square root. */
  readonly scale: 'relative' | 'absolute' | 'root';
  /** Effect above which a significant difference is a warning. */
  readonly warning: number;
  /** Effect above which it is drift. */
  readonly threshold: number;
  /** Effect below which it has recovered. */
  readonly leave: number;
  /** What it can come to at most; drift by default. */
  readonly atMost?: 'warning';
}

/** One number that a period comes to: a mean, a share, an area under a curve. */
export interface Figure {
  readonly subject: CheckSubject;
  readonly feature: string;
  readonly segment: string;
  readonly test: CheckTest;
  /** Null where the period does not have it. */
  readonly value: number | null;
  /** Standard error by sampling alone; null where it is not known. */
  readonly error: number | null;
  /** Samples behind it. */
  readonly n: number;
  /** Samples it needs. */
  readonly needed: number;
  readonly rule: FigureRule;
  /** How far back it looks from the start of its period, ms. */
  readonly windowMs: number;
  /** Group whose rows it is of. */
  readonly group: string;
  /** How long before the end of its period its own window ends, ms: labels take time. */
  readonly lagMs: number;
}

/** The figure's name from period to period. */
export function figureName(figure: Pick<Figure, 'subject' | 'feature' | 'segment' | 'test'>) {
  const { subject, feature, segment, test } = figure;
  return [subject, feature, segment, test].join('/');
}
