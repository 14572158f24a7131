import {
  binCount,
  binLabel,
  type NumericBins,
  notFiniteBin,
  nullBin,
  unseenBin,
} from '../stats/bins.js';
import { mergePlan } from '../stats/merge-plan.js';
import { type Counts, total } from '../stats/shares.js';
import type { Check } from './check.js';
import type { GatheredPeriod } from './gather.js';
import { type Evaluation, type Sides, sidesOf } from './sides.js';

/** What a share was in the reference, and is now. */
export interface Moved {
  /** `3.1 to 4.2`, a category, `below 3.1`. */
  readonly values: string;
  readonly before: number;
  readonly after: number;
}

/** How the distribution of one feature changed. */
export interface FeatureChange {
  readonly feature: string;
  readonly nulls: Moved;
  /** NaN and infinities of a number; values that the reference has not, of a category. */
  readonly strange: Moved;
  /** The values whose shares moved most, largest first. */
  readonly moved: readonly Moved[];
}

/** Values whose move is told, and features of one alert that are told of. */
const movesTold = 4;
const changesTold = 20;
const valuesLengthMax = 80;

/** How the features that drift in a period changed, strongest first. */
export function changesOf(
  evaluation: Evaluation,
  period: GatheredPeriod,
  checks: readonly Check[],
): readonly FeatureChange[] {
  const drifts = checks
    .filter(({ verdict, segment }) => verdict === 'drift' && segment === '')
    .sort((a, b) => (b.effect ?? 0) - (a.effect ?? 0));
  const names = [...new Set(drifts.map(({ feature }) => feature))];
  return names
    .flatMap((name) => {
      const feature = evaluation.features.find((one) => one.name === name);
      if (feature === undefined) return [];
      const sides = sidesOf(evaluation, feature, period);
      return 'bins' in sides ? [changeOf(sides)] : [];
    })
    .slice(0, changesTold);
}

/** What moved between the two sides of a comparison. */
export function changeOf(sides: Pick<Sides, 'feature' | 'bins' | 'reference' | 'current'>) {
  const { feature, bins, reference, current } = sides;
  const share = (counts: Counts, own: readonly number[]): number => {
    const all = total(counts);
    return all === 0 ? 0 : own.reduce((sum, bin) => sum + counts[bin]!, 0) / all;
  };
  const moveOf = (values: string, own: readonly number[]): Moved => {
    const told = values.length > valuesLengthMax ? `${values.slice(0, valuesLengthMax)}…` : values;
    return { values: told, before: share(reference, own), after: share(current, own) };
  };
  const isNumeric = bins.kind === 'numeric';
  const strange = isNumeric ? notFiniteBin(bins) : unseenBin(bins);
  const groups = isNumeric
    ? numericGroups(bins, reference)
    : bins.values.map((value, bin) => ({ values: value, bins: [bin] }));
  const size = ({ before, after }: Moved): number => Math.abs(after - before);
  const change: FeatureChange = {
    feature: feature.name,
    nulls: moveOf('null', [nullBin(bins)]),
    strange: moveOf(binLabel(bins, strange), [strange]),
    moved: groups
      .map((group) => moveOf(group.values, group.bins))
      .filter((one) => size(one) > 0)
      .sort((a, b) => size(b) - size(a))
      .slice(0, movesTold),
  };
  return change;
}

interface Group {
  readonly values: string;
  readonly bins: readonly number[];
}

/** The groups of PSI, each by the range of its values. */
function numericGroups(bins: NumericBins, reference: Counts): Group[] {
  const { groupOf, groupCount } = mergePlan(bins, reference);
  const own = Array.from({ length: groupCount }, (): number[] => []);
  for (let bin = 0; bin < binCount(bins) - 2; bin++) own[groupOf[bin]!]!.push(bin);
  return own.flatMap((list) => {
    const [first, last] = [list[0], list.at(-1)];
    if (first === undefined || last === undefined) return [];
    const isRun = last - first === list.length - 1;
    return [{ values: isRun ? rangeOf(bins, first, last) : 'rare values', bins: list }];
  });
}

function rangeOf({ edges }: NumericBins, first: number, last: number): string {
  const text = (edge = 0): string => {
    // The edge below a point mass at 0 is the number next to it.
    const plain = edge === -Number.MIN_VALUE ? 0 : edge;
    return String(Number(plain.toPrecision(4)));
  };
  const [from, to] = [text(edges[first - 1]), text(edges[last])];
  if (edges.length === 0) return 'any number';
  if (first === 0) return last === edges.length ? 'any number' : `at most ${to}`;
  if (last === edges.length) return `above ${from}`;
  return from === to ? to : `${from} to ${to}`;
}
