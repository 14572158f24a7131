import { WeirError } from '../../errors.js';
import { fateOf } from './answers.js';
import type { Redis } from './client.js';
import { functionName, libraryText } from './library.js';
import type { Entry } from './pending.js';

export interface Batch {
  readonly entries: readonly Entry[];
  /** Two for each entry: its Redis key and its lines. */
  readonly args: readonly string[];
}

const charsMax = 1_000_000;

/** Takes entries from the head of `queue` for one call: no more than `keysMax` nor about 1 MB. */
export function takeBatch(queue: Entry[], keysMax: number): Batch {
  const args: string[] = [];
  let count = 0;
  let chars = 0;
  while (count < keysMax && count < queue.length && chars < charsMax) {
    const entry = queue[count]!;
    const lines = linesOf(entry);
    entry.target.waiting.delete(String(entry.latest.key));
    args.push(entry.redisKey, lines);
    count += 1;
    chars += lines.length;
  }
  return { entries: queue.splice(0, count), args };
}

/** What the library takes for a key. */
function linesOf({ target, latest }: Entry): string {
  const { key, asOfMs, validUntilMs, position, values } = latest;
  const id = typeof key === 'number' ? key : JSON.stringify(key);
  return `[${position.epoch},${position.n}]\n${asOfMs}\n${validUntilMs}\n${id}\n${target.definition}\n${target.ttl}\n${target.features(values)}`;
}

/**
 * Sends a batch to a node, and one by one what that node does not serve.
 * @returns an answer per entry, as the library gives them
 * @throws WeirError redis-failed where the node did not answer
 */
export async function writeBatch(redis: Redis, node: string, batch: Batch): Promise<unknown[]> {
  const send = () => redis.callNode(node, 'FCALL', [functionName, 0, ...batch.args]);
  const answers = (await withLibrary(redis, send)) as unknown[]; // the library answers with a list
  const strays = answers.flatMap((answer, i) => (fateOf(answer) === 'elsewhere' ? [i] : []));
  if (strays.length > 0) redis.refresh();
  await Promise.all(
    strays.map(async (i) => {
      answers[i] = await writeOne(redis, batch, i);
    }),
  );
  return answers;
}

/** Follows a slot that has moved, or is moving just now. */
async function writeOne(redis: Redis, { entries, args }: Batch, i: number): Promise<unknown> {
  const own = args.slice(2 * i, 2 * i + 2);
  const send = () => redis.callKey('FCALL', [functionName, 1, entries[i]!.redisKey, ...own]);
  try {
    const answers = (await withLibrary(redis, send)) as unknown[]; // as above
    return answers[0];
  } catch (error) {
    if (error instanceof WeirError) return error.message;
    throw error;
  }
}

/** A node that has been emptied, or is new, has no library yet. */
async function withLibrary(redis: Redis, send: () => Promise<unknown>): Promise<unknown> {
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof WeirError) || !error.message.includes('Function not found')) throw error;
    const failure = await loadLibrary(redis);
    return send().catch((again: unknown) => {
      throw failure ?? again;
    });
  }
}

/** Loads the library at every node; the error of one that would not take it, null for none. */
export async function loadLibrary(redis: Redis): Promise<WeirError | null> {
  const args = ['LOAD', 'REPLACE', libraryText];
  const load = (node: string): Promise<null> =>
    redis.callNode(node, 'FUNCTION', args).then(() => null);
  const outcomes = await Promise.all(
    redis.nodes().map((node) => load(node).catch((error: WeirError) => error)),
  );
  return outcomes.find((outcome) => outcome !== null) ?? null;
}
