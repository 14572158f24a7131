/** Change of a stream's mean by cumulated deviations; plain data. */
export interface PageHinkley {
  readonly options: PageHinkleyOptions;
  count: number;
  mean: number;
  rise: number;
  fall: number;
  /** Smallest `rise` and largest `fall` so far; null before the first value. */
  leastRise: number | null;
  mostFall: number;
}

export interface PageHinkleyOptions {
  /** Values before anything is said, 30. */
  readonly warmStart: number;
  /** Change of the mean that is let pass, 0.005. */
  readonly delta: number;
  /** 50. */
  readonly threshold: number;
  /** What is kept of the sums at each value, 0.9999. */
  readonly memory: number;
  /** `both`. */
  readonly direction: 'up' | 'down' | 'both';
}

const defaults: PageHinkleyOptions = {
  warmStart: 30,
  delta: 0.005,
  threshold: 50,
  memory: 1 - 0.0001,
  direction: 'both',
};

export function createPageHinkley(options: Partial<PageHinkleyOptions> = {}): PageHinkley {
  return {
    options: { ...defaults, ...options },
    count: 0,
    mean: 0,
    rise: 0,
    fall: 0,
    leastRise: null,
    mostFall: -1,
  };
}

/**
 * Takes a value, none that is not finite; true where the mean has changed, after which it begins
 * anew. Page, "Continuous inspection schemes" (1954), Hinkley (1971); the fading of the sums and
 * the start of `mostFall` at -1 are river's.
 */
export function stepPageHinkley(state: PageHinkley, x: number): boolean {
  if (!Number.isFinite(x)) return false;
  const { options } = state;
  state.count++;
  state.mean += (1 / state.count) * (x - state.mean);
  const deviation = x - state.mean;
  state.rise = options.memory * state.rise + deviation - options.delta;
  state.fall = options.memory * state.fall + deviation + options.delta;
  state.leastRise = Math.min(state.leastRise ?? state.rise, state.rise);
  state.mostFall = Math.max(state.mostFall, state.fall);
  if (state.count < options.warmStart) return false;
  const hasRisen = state.rise - state.leastRise > options.threshold;
  const hasFallen = state.mostFall - state.fall > options.threshold;
  const isChanged =
    (options.direction !== 'down' && hasRisen) || (options.direction !== 'up' && hasFallen);
  if (isChanged) Object.assign(state, createPageHinkley(options));
  return isChanged;
}
