/**
 * Adaptive windowing of a stream of numbers: keeps as many of the newest values as have one mean,
 * and says when it had to drop old ones. Plain data: a checkpoint is its JSON. Memory grows with
 * the logarithm of the window.
 */
export interface Adwin {
  readonly options: AdwinOptions;
  ticks: number;
  count: number;
  total: number;
  /** Sum of squared deviations from the mean. */
  squares: number;
  /** Row i holds buckets of 2^i values, oldest first, at most six for an instant. */
  readonly rows: { totals: number[]; squares: number[] }[];
}

export interface AdwinOptions {
  /** Level of each comparison, 0.002. */
  readonly delta: number;
  /** Cuts are looked for at every so many values, 32. */
  readonly clock: number;
  /** Buckets of one size that are kept apart, 5. */
  readonly maxBuckets: number;
  /** Either side of a cut holds at least so many values, 5. */
  readonly minSide: number;
  /** No cut is looked for in a window of so many values, 10. */
  readonly grace: number;
}

const defaults: AdwinOptions = { delta: 0.002, clock: 32, maxBuckets: 5, minSide: 5, grace: 10 };

export function createAdwin(options: Partial<AdwinOptions> = {}): Adwin {
  const rows = [{ totals: [], squares: [] }];
  return { options: { ...defaults, ...options }, ticks: 0, count: 0, total: 0, squares: 0, rows };
}

/**
 * Takes a value, none that is not finite; true where the mean has changed, the values before the
 * change being dropped. Bifet and Gavaldà, "Learning from time-changing data with adaptive
 * windowing" (2007);
 * `minSide` and `grace` are river's. Its detector begins anew after a change; this one keeps what
 * came after it, as in the paper.
 */
export function stepAdwin(adwin: Adwin, x: number): boolean {
  if (!Number.isFinite(x)) return false;
  const before = adwin.count++;
  if (before > 0) adwin.squares += (before * (x - adwin.total / before) ** 2) / adwin.count;
  adwin.total += x;
  const [first] = adwin.rows;
  first!.totals.push(x);
  first!.squares.push(0);
  compress(adwin);
  adwin.ticks++;
  if (adwin.ticks % adwin.options.clock !== 0 || adwin.count <= adwin.options.grace) return false;
  let isChanged = false;
  while (hasCut(adwin)) {
    isChanged = true;
    dropOldest(adwin);
  }
  return isChanged;
}

/** The two oldest buckets of a row that is too long become one of the next. */
function compress({ rows, options }: Adwin): void {
  for (let i = 0; rows[i]!.totals.length > options.maxBuckets; i++) {
    if (i + 1 === rows.length) rows.push({ totals: [], squares: [] });
    const { totals, squares } = rows[i]!;
    const [first, second] = totals.splice(0, 2) as [number, number]; // more than five were there
    const [firstSquares, secondSquares] = squares.splice(0, 2) as [number, number]; // as above
    const size = 2 ** i;
    const apart = first / size - second / size;
    rows[i + 1]!.totals.push(first + second);
    rows[i + 1]!.squares.push(firstSquares + secondSquares + (size * apart * apart) / 2);
  }
}

function hasCut({ rows, options, count, total, squares }: Adwin): boolean {
  const logarithm = Math.log((2 * Math.log(count)) / options.delta);
  const variance = squares / count;
  let older = 0;
  let olderTotal = 0;
  for (let i = rows.length - 1; i >= 0; i--) {
    const { totals } = rows[i]!;
    for (let k = 0; k < totals.length; k++) {
      older += 2 ** i;
      olderTotal += totals[k]!;
      const newer = count - older;
      if (older < options.minSide || newer < options.minSide) continue;
      const inverse = 1 / (older - options.minSide + 1) + 1 / (newer - options.minSide + 1);
      const bound = Math.sqrt(2 * inverse * variance * logarithm) + (2 / 3) * logarithm * inverse;
      if (Math.abs(olderTotal / older - (total - olderTotal) / newer) > bound) return true;
    }
  }
  return false;
}

function dropOldest(adwin: Adwin): void {
  const { rows } = adwin;
  const last = rows.at(-1)!;
  const size = 2 ** (rows.length - 1);
  const total = last.totals.shift()!;
  const squares = last.squares.shift()!;
  adwin.count -= size;
  adwin.total -= total;
  const apart = total / size - adwin.total / adwin.count;
  adwin.squares -= squares + (size * adwin.count * apart * apart) / (size + adwin.count);
  while (rows.length > 1 && rows.at(-1)!.totals.length === 0) rows.pop();
}

/** Mean of the values in the window; null while it is empty. */
export function adwinMean({ count, total }: Adwin): number | null {
  return count === 0 ? null : total / count;
}
