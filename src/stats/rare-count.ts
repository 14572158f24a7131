/** Of the noise of the tail's rows: a bias that no longer tells. */
const tolerated = 0.5;
/** Rows of bias that what is not known of so small a tail covers, even far out. */
const covered = 3;

/**
 * The count up to which the categories of a reference stand together with all that it has never
 * seen. Which categories are frequent is chosen by the reference that windows are then held
 * against: those at the cut are above it by chance as well, and the tail is too light by
 * `(t + 1) N(t + 1)` rows, N(r) being how many categories have r of them (Good 1953; averaged over
 * neighbouring r here). The least count is taken where that is three rows or half of the noise of
 * the tail at most, and no more than `most` categories are above it.
 *
 * @param counts rows of each category
 * @param least what the count is at least: that of the rarest where some were left out before
 * @returns Infinity where no cut will do: all of them are rare
 */
export function rareCount(counts: Iterable<number>, most: number, least = 0): number {
  const ofCount = new Map<number, number>();
  let above = 0;
  for (const count of counts) {
    if (count === 0) continue;
    ofCount.set(count, (ofCount.get(count) ?? 0) + 1);
    above++;
  }
  if (above === 0) return 0;
  let tail = 0;
  for (let t = 0; above > 0; t++) {
    const here = ofCount.get(t) ?? 0;
    tail += here * t;
    above -= here;
    const missed = rowsAt(ofCount, t + 1);
    const noise = Math.max(covered, tolerated * Math.sqrt(tail + missed));
    if (t >= least && above <= most && missed <= noise) return t;
  }
  return Number.POSITIVE_INFINITY;
}

/** Rows in categories of `count` rows, within its own noise. */
function rowsAt(ofCount: ReadonlyMap<number, number>, count: number): number {
  const half = Math.floor(Math.sqrt(count - 1));
  let rows = 0;
  for (let r = count - half; r <= count + half; r++) rows += r * (ofCount.get(r) ?? 0);
  return rows / (2 * half + 1);
}
