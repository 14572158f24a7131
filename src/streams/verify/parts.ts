import { coordinateHash } from '../../features/sql/event-rows.js';
import type { Clickhouse } from '../../sinks/clickhouse/client.js';

/**
 * What is verified: the events of one epoch up to one sequence, sampled by the hash of coordinates.
 */
export interface Scope {
  readonly epoch: number;
  readonly last: number;
  /** Largest hash in the sample. */
  readonly hash: number;
  readonly definition: string;
}

/** A share of the work: keys from `low` to `high`, and of a very busy one only some vectors. */
export interface Part {
  readonly low: string;
  readonly high: string;
  readonly part: number;
  readonly parts: number;
}

interface KeyLoad {
  readonly key: string;
  /** Its events, and its vectors in the sample. */
  readonly events: number;
  readonly asked: number;
}

/** Bounds of a part: pairs of a vector and an event, events read, vectors compared. */
export interface PartLimits {
  readonly pairs: number;
  readonly events: number;
  readonly asked: number;
}

export const partLimits: PartLimits = { pairs: 10_000_000, events: 200_000, asked: 5_000 };
export const largestHash = 2 ** 32 - 1;

const eventsInScope = 'r.epoch = {epoch:UInt64} AND r.sequence <= {last:UInt64}';
export const vectorsInScope = `${eventsInScope} AND r.definition = {definition:String}`;

/** The hash up to which about `size` events or vectors are sampled. */
export async function sampleHash(
  clickhouse: Clickhouse,
  tables: { readonly events: string; readonly vectors: string },
  scope: Omit<Scope, 'hash'>,
  size: number,
): Promise<number> {
  const smallest = (table: string, where: string): string =>
    `SELECT DISTINCT ${coordinateHash} AS h FROM \`${table}\` AS r WHERE ${where} ORDER BY h LIMIT {size:UInt64}`;
  const rows = await clickhouse.rows<{ h: number }>(
    `SELECT h FROM (
  SELECT h FROM (${smallest(tables.events, eventsInScope)})
  UNION DISTINCT SELECT h FROM (${smallest(tables.vectors, vectorsInScope)})
) ORDER BY h LIMIT 1 OFFSET {skip:UInt64}`,
    { ...scope, size, skip: size - 1 },
  );
  return rows[0]?.h ?? largestHash;
}

/** Cuts the sampled keys, in order, into parts that fit in memory. */
export async function partsOf(
  clickhouse: Clickhouse,
  tables: { readonly events: string; readonly vectors: string; readonly key: string },
  scope: Scope,
  limits: PartLimits,
): Promise<readonly Part[]> {
  const { events, vectors, key } = tables;
  const sampled = `countIf(${coordinateHash} <= {hash:UInt32}) AS m`;
  const sql = `SELECT k AS key, max(n) AS events, max(m) AS asked FROM (
  SELECT assumeNotNull(r.\`${key}\`) AS k, count() AS n, ${sampled} FROM \`${events}\` AS r FINAL WHERE ${eventsInScope} GROUP BY k
  UNION ALL SELECT r.key AS k, 0 AS n, ${sampled} FROM \`${vectors}\` AS r FINAL WHERE ${vectorsInScope} GROUP BY k
) GROUP BY k HAVING asked > 0 ORDER BY k`;
  const cutter = new PartCutter(limits);
  for await (const loads of clickhouse.chunks<KeyLoad>(sql, { ...scope })) {
    for (const load of loads) cutter.add(load);
  }
  return cutter.end();
}

/** Gathers keys into parts that stay below the limits. */
class PartCutter {
  readonly #limits: PartLimits;
  readonly #parts: Part[] = [];
  #low: string | null = null;
  #high = '';
  #pairs = 0;
  #events = 0;
  #asked = 0;

  constructor(limits: PartLimits) {
    this.#limits = limits;
  }

  add({ key, events, asked }: KeyLoad): void {
    const limits = this.#limits;
    const pairs = events * asked;
    const isFull =
      this.#pairs + pairs > limits.pairs ||
      this.#events + events > limits.events ||
      this.#asked + asked > limits.asked;
    if (isFull) this.#close(1);
    this.#low ??= key;
    this.#high = key;
    this.#pairs += pairs;
    this.#events += events;
    this.#asked += asked;
    // One key alone may be too much: then each part takes some of its vectors.
    const shares = Math.ceil(Math.max(pairs / limits.pairs, asked / limits.asked));
    if (shares > 1) this.#close(shares);
  }

  end(): readonly Part[] {
    this.#close(1);
    return this.#parts;
  }

  #close(shares: number): void {
    if (this.#low === null) return;
    for (let part = 0; part < shares; part++) {
      this.#parts.push({ low: this.#low, high: this.#high, part, parts: shares });
    }
    this.#low = null;
    this.#pairs = 0;
    this.#events = 0;
    this.#asked = 0;
  }
}
