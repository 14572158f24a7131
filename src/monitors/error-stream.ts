import { type Adwin, createAdwin, stepAdwin } from '../stats/adwin.js';
import type { ErrorPart } from './error-parts.js';

/**
 * A model's errors beyond those that its scores promised, in event time: where a model is as wrong
 * as it says, they are 0 on average, whoever was scored when. Plain JSON, bounded; never changed,
 * only replaced.
 */
export interface ErrorStream {
  readonly referenceId: string;
  /** End of the last period taken. */
  readonly upToMs: number;
  /** Over `(wrong - expected + 1) / 2` of each score. */
  readonly adwin: Adwin;
  /** What is in its window, oldest first. */
  readonly parts: readonly Part[];
  /** The last change that was found. */
  readonly change: ErrorChange | null;
}

export interface ErrorChange {
  /** Start of the part in which it began. */
  readonly atMs: number;
  /** Share of errors beyond what was expected, before it. */
  readonly before: number;
}

/** An `ErrorPart`, short since many are kept. */
type Part = readonly [startMs: number, n: number, wrong: number, expected: number];

/** Beyond so many the two oldest become one. */
const partsKept = 7 * 24;

/** Of a period with more scores, so many stand for all. */
const valuesOfPeriod = 100_000;

export interface ErrorStep {
  readonly referenceId: string;
  readonly periodEndMs: number;
  readonly parts: readonly ErrorPart[];
  /** Chance that a change is found in one period where there is none. */
  readonly level: number;
}

/**
 * The stream after one more period; as it was where the period was taken before. ADWIN says whether
 * the mean has changed, its level shared by the looks of the period; the split of its window with
 * the least squares (Hinkley 1970) says when, and it goes on with what came after that.
 */
export function stepErrors(former: ErrorStream | null, step: ErrorStep): ErrorStream {
  const { referenceId, periodEndMs } = step;
  const own = former?.referenceId === referenceId ? former : null;
  if (own !== null && periodEndMs <= own.upToMs) return own;
  const n = step.parts.reduce((sum, part) => sum + part.n, 0);
  const share = Math.min(1, valuesOfPeriod / Math.max(1, n));
  let adwin: Adwin = own === null ? createAdwin() : structuredClone(own.adwin);
  const looks = Math.ceil((share * n) / adwin.options.clock);
  const options = { ...adwin.options, delta: step.level / Math.max(1, looks) };
  adwin = { ...adwin, options };
  let parts = own?.parts ?? [];
  let change = own?.change ?? null;
  for (const part of step.parts) {
    const values = Math.max(1, Math.round(part.n * share));
    const scale = values / part.n;
    const next: Part = [part.startMs, values, part.wrong * scale, part.expected * scale];
    parts = [...parts, next];
    if (!feed(adwin, next)) continue;
    const at = splitOf(parts);
    change = { atMs: parts[at]![0], before: excessOf(parts.slice(0, at)) };
    parts = parts.slice(at);
    adwin = createAdwin(options);
    for (const one of parts) feed(adwin, one);
  }
  return { referenceId, upToMs: periodEndMs, adwin, parts: kept(parts), change };
}

/** Errors beyond what was expected, per score. */
export function excessOf(parts: readonly Part[]): number {
  const [n, excess] = sumOf(parts);
  return n === 0 ? 0 : excess / n;
}

/** Gives a part's errors to the window, spread evenly; true where the mean has changed. */
function feed(adwin: Adwin, [, n, wrong, expected]: Part): boolean {
  let isChanged = false;
  for (let i = 0; i < n; i++) {
    const isWrong = Math.floor(((i + 1) * wrong) / n) > Math.floor((i * wrong) / n);
    const value = (Number(isWrong) - expected / n + 1) / 2;
    isChanged = stepAdwin(adwin, value) || isChanged;
  }
  return isChanged;
}

/** The first part after the change: both sides' means explain most of the squares. */
function splitOf(parts: readonly Part[]): number {
  const [all, total] = sumOf(parts);
  let [best, most, n, excess] = [0, -1, 0, 0];
  for (let i = 1; i < parts.length; i++) {
    const [, values, wrong, expected] = parts[i - 1]!;
    n += values;
    excess += wrong - expected;
    const apart = excess / n - (total - excess) / (all - n);
    const explained = ((n * (all - n)) / all) * apart * apart;
    if (explained > most) [best, most] = [i, explained];
  }
  return best;
}

function sumOf(parts: readonly Part[]): readonly [n: number, excess: number] {
  let [n, excess] = [0, 0];
  for (const [, values, wrong, expected] of parts) {
    n += values;
    excess += wrong - expected;
  }
  return [n, excess];
}

function kept(parts: readonly Part[]): readonly Part[] {
  const many = parts.length - partsKept;
  if (many <= 0) return parts;
  const oldest = parts.slice(0, many + 1);
  const sum = (of: (part: Part) => number) => oldest.reduce((total, one) => total + of(one), 0);
  const together: Part = [oldest[0]![0], sum((p) => p[1]), sum((p) => p[2]), sum((p) => p[3])];
  return [together, ...parts.slice(many + 1)];
}
