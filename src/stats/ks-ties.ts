import { normalSf } from './normal.js';
import { type Counts, total } from './shares.js';

/** Steps of an integral, by Simpson's rule, over where the path stands before it crosses. */
const STEPS = 20;
/** A tied value that holds more of the reference than this is a jump of the path. */
const JUMP_LEAST = 1 / 64;

/** A part of the path from `from` to `to`, where the reference's distribution function goes. */
interface Part {
  readonly from: number;
  readonly to: number;
  /** Looked at only at its ends; else all the way. */
  readonly isJump: boolean;
}

/** The share of the continuous law's p-value that is left with the ties of a reference. */
export type TiesFactor = (distance: number, effectiveSize: number) => number;

/**
 * By how much a two-sided Kolmogorov-Smirnov p-value falls where the reference has ties: the
 * distance is then the largest of a Brownian bridge at the ends of its jumps, not everywhere (Wood
 * and Altavela 1978), and `2 exp(-2 n d^2)` is too large. The crossing is sought part by part:
 * `sum P(outside at some time of this part, inside when it began)`, above the truth by the paths
 * that come back and cross again; runs without ties count as continuous. Null where no tied value
 * matters: without one, or where all of one side hold less than a tenth.
 */
export function ksTiesFactor(reference: Counts): TiesFactor | null {
  const parts = partsOf(reference);
  const isCoarse = parts.some(({ isJump, to }) => isJump && to >= 0.1 && to <= 0.9);
  if (!isCoarse) return null;
  return (distance, effectiveSize) => {
    const s = distance * Math.sqrt(effectiveSize);
    const continuous = Math.exp(-2 * s * s);
    if (s === 0 || continuous === 0) return 1;
    let one = 0;
    for (const part of parts) one += crossing(part, s);
    return Math.min(1, one / continuous);
  };
}

function partsOf(reference: Counts): readonly Part[] {
  const n = total(reference);
  const parts: Part[] = [];
  let below = 0;
  let from = 0;
  const until = (to: number, isJump: boolean) => {
    if (to > from) parts.push({ from: from / n, to: to / n, isJump });
    from = to;
  };
  for (let i = 0; i < reference.length; i++) {
    const count = reference[i]!;
    if (count > Math.max(1, n * JUMP_LEAST)) {
      until(below, false);
      until(below + count, true);
    }
    below += count;
  }
  until(below, false);
  return parts;
}

/** P(at or above s somewhere in the part, below s where it begins), of the bridge. */
function crossing(part: Part, s: number): number {
  const { from, to } = part;
  if (from === 0) return crossingFrom(part, 0, s);
  if (part.isJump && isNegligible(to, s)) return 0;
  // Where the path stood at `from` if it is at s at `to`.
  const center = (s * from) / to;
  const spread = Math.sqrt((from * (to - from)) / to);
  const low = Math.max(-s, center - 7 * spread);
  const variance = from * (1 - from);
  const step = (s - low) / STEPS;
  let sum = 0;
  for (let i = 0; i <= STEPS; i++) {
    const x = low + i * step;
    const weight = i === 0 || i === STEPS ? 1 : 2 + 2 * (i % 2);
    sum += weight * Math.exp((-x * x) / (2 * variance)) * crossingFrom(part, x, s);
  }
  return (sum * step) / (3 * Math.sqrt(2 * Math.PI * variance));
}

/** Whether P(B(t) >= s) is nothing beside P(max B >= s), exp(-2 s^2). */
function isNegligible(t: number, s: number): boolean {
  return (s * s) / (2 * t * (1 - t)) - 2 * s * s > 9;
}

/** The same from a known start x < s, by the reflection principle. */
function crossingFrom({ from, to, isJump }: Part, x: number, s: number): number {
  const left = (1 - to) / (1 - from);
  const deviation = Math.sqrt((to - from) * left);
  const reflected = Math.exp((-2 * (s - x) * s) / (1 - from));
  if (deviation === 0) return isJump ? 0 : reflected;
  const atEnd = normalSf((s - x * left) / deviation);
  if (isJump) return atEnd;
  return atEnd + reflected * normalSf(((2 * s - x) * left - s) / deviation);
}
