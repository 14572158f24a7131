import { type Bins, nullBin } from './bins.js';
import { rareCount } from './rare-count.js';
import { type Counts, total } from './shares.js';

/** Which group each bin is added to; plain data, frozen with the reference. */
export interface MergePlan {
  readonly groupOf: readonly number[];
  readonly groupCount: number;
}

/**
 * Plans how the fine bins of a reference are merged into about `groups` of equal reference mass,
 * for the statistics whose null law needs enough counts in each (PSI, chi-square).
 *
 * A numeric bin that alone holds a group's mass is a group; runs between such bins are cut into
 * groups of equal mass, in order. So is such a category, and up to groups - 1 in all that hold a
 * quarter of that mass (an expected count of 5 where 20 a group are asked for); the others are cut
 * into groups of equal mass. Both are taken in the order of the dictionary: by how frequent they
 * are would put those together that are so by chance. What would hold less than that quarter is
 * added to one group for all that is rare: the gaps between point masses, categories up to
 * `rareCount`, unseen. Null and not-finite are a group each. Nothing is left out, so what is new in
 * the current window counts.
 */
export function mergePlan(bins: Bins, reference: Counts, groups = 10): MergePlan {
  const special = nullBin(bins);
  const least = total(reference) / (4 * groups);
  const runs =
    bins.kind === 'numeric'
      ? numericRuns(bins.edges.length + 1, reference, groups, least)
      : categoricalRuns(bins.values.length, reference, groups, least);
  const groupOf = new Array<number>(reference.length).fill(-1);
  let groupCount = 0;
  for (const run of runs) {
    const mass = massOf(run, reference);
    if (mass === 0 || mass < least) continue;
    for (const bin of run) groupOf[bin] = groupCount;
    groupCount++;
  }
  if (groupOf.lastIndexOf(-1, special - 1) !== -1) {
    for (let bin = 0; bin < special; bin++) if (groupOf[bin] === -1) groupOf[bin] = groupCount;
    groupCount++;
  }
  for (let bin = special; bin < reference.length; bin++) groupOf[bin] = groupCount++;
  return { groupOf, groupCount };
}

function massOf(bins: readonly number[], counts: Counts): number {
  return bins.reduce((sum, bin) => sum + counts[bin]!, 0);
}

/** Runs of neighbouring bins of about a group's mass each; a bin that holds as much is alone. */
function numericRuns(size: number, reference: Counts, groups: number, least: number): number[][] {
  const all = Array.from({ length: size }, (_, bin) => bin);
  const groupMass = massOf(all, reference) / groups;
  const result: number[][] = [];
  let light: number[] = [];
  for (const bin of all) {
    if (reference[bin] === 0 || reference[bin]! < Math.max(groupMass, least)) {
      light.push(bin);
      continue;
    }
    result.push(...cut(light, reference, groupMass, least), [bin]);
    light = [];
  }
  return [...result, ...cut(light, reference, groupMass, least)];
}

/** Large categories alone, the others in runs of about a group's mass; rare ones left out. */
function categoricalRuns(size: number, reference: Counts, groups: number, least: number) {
  const counts = Array.from({ length: size }, (_, bin) => reference[bin]!);
  const isWhole = reference[size] === 0; // else the dictionary is that of the most frequent
  const rarest = isWhole ? 0 : Math.min(...counts.filter((count) => count > 0));
  const rare = rareCount(counts, size, rarest);
  const all = counts.flatMap((count, bin) => (count > rare ? [bin] : []));
  const groupMass = massOf(all, reference) / groups;
  const alone = all.filter((bin) => reference[bin]! >= groupMass);
  // By the dictionary, not the largest of those alike: these are so by chance.
  const large = all.filter((bin) => reference[bin]! >= least && reference[bin]! < groupMass);
  alone.push(...large.slice(0, Math.max(0, groups - 1 - alone.length)));
  const others = all.filter((bin) => !alone.includes(bin));
  return [...alone.map((bin) => [bin]), ...cut(others, reference, groupMass, least)];
}

/** Cuts bins, in their order, into runs of about `groupMass`, but no more than `least` allows. */
function cut(bins: readonly number[], reference: Counts, groupMass: number, least: number) {
  const mass = massOf(bins, reference);
  const wanted = mass > 0 ? Math.min(Math.round(mass / groupMass), Math.floor(mass / least)) : 1;
  const count = Math.max(1, wanted);
  const runs = Array.from({ length: count }, (): number[] => []);
  let before = 0;
  for (const bin of bins) {
    const middle = before + reference[bin]! / 2;
    const run = mass > 0 ? Math.min(count - 1, Math.floor((middle * count) / mass)) : 0;
    runs[run]!.push(bin);
    before += reference[bin]!;
  }
  return runs.filter((run) => run.length > 0);
}

/** The counts of a plan's groups. */
export function mergeCounts(plan: MergePlan, counts: Counts): Float64Array {
  const merged = new Float64Array(plan.groupCount);
  for (let bin = 0; bin < plan.groupOf.length; bin++) merged[plan.groupOf[bin]!]! += counts[bin]!;
  return merged;
}
