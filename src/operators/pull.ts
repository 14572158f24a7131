import { defer, EMPTY, filter, type Observable, type OperatorFunction, of, repeat } from 'rxjs';

/**
 * Takes one item, sends it through the whole graph, and only then takes the next: back-pressure by
 * pull. Ends when `next` gives null.
 * @example pulled(() => source.next(), pipe(appendToLogs(logs), computeFeatures(tasks), deliver))
 */
export function pulled<T, R>(
  next: () => Promise<T | null>,
  graph: OperatorFunction<T, R>,
): Observable<R> {
  let ended = false;
  const item = async (): Promise<T | null> => {
    const taken = await next();
    ended = taken === null;
    return taken;
  };
  return defer(item).pipe(
    filter((taken) => taken !== null),
    graph,
    repeat({ delay: () => (ended ? EMPTY : of(true)) }),
  );
}
