/** Runs at most `width` jobs at a time and keeps at most `waitingMax` waiting. */
export interface Lanes {
  /** Null where too many wait already. */
  run<T>(job: () => Promise<T>): Promise<T> | null;
}

export function createLanes(width: number, waitingMax: number): Lanes {
  const waiting: (() => void)[] = [];
  let running = 0;
  const next = (): void => {
    running -= 1;
    waiting.shift()?.();
  };
  const start = <T>(job: () => Promise<T>): Promise<T> => {
    running += 1;
    return job().finally(next);
  };
  return {
    run: (job) => {
      if (running < width) return start(job);
      if (waiting.length >= waitingMax) return null;
      return new Promise((resolve, reject) => {
        waiting.push(() => start(job).then(resolve, reject));
      });
    },
  };
}
