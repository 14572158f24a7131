import type { Cursor } from '../../records/batch.js';
import type { Admin, Kafka } from '../../sinks/kafka/client.js';
import { readHead } from './frame-message.js';
import { type IngestCommit, readCommit } from './ingest-commit.js';
import type { Judged } from './ingest-lane.js';
import { type Range, readRanges } from './read-range.js';
import { parseTold } from './told-message.js';

/** A source partition that is to be taken over. */
export interface SourcePartition {
  /** The pipeline's topic, and its name in Kafka. */
  readonly topic: string;
  readonly name: string;
  readonly partition: number;
}

/** Where it stood, and what its former owner may have appended beyond. */
export interface Takeover {
  readonly source: SourcePartition;
  readonly commit: IngestCommit | null;
  /** Where the logs end now, by log topic, by partition. */
  readonly ends: ReadonlyMap<string, number[]>;
  readonly judged: readonly Judged[];
}

/**
 * Finds where source partitions stand. What a former owner appended after its last commit is in
 * some
 * logs and not in others: it is judged again by the same clock and appended again, and each task
 * drops what it has.
 */
export async function takeOver(
  kafka: Kafka,
  admin: Admin,
  groupId: string,
  sources: readonly SourcePartition[],
  logs: readonly string[],
  partitions: number,
): Promise<Takeover[]> {
  const ends = new Map<string, number[]>();
  for (const topic of logs) ends.set(topic, await endsOf(admin, topic, partitions));
  const commits = await commitsOf(admin, groupId, sources, partitions);
  const tails = await readTails(kafka, commits, ends);
  return sources.map((source, i) => {
    const own = new Map([...ends].map(([topic, list]) => [topic, [...list]]));
    const tail = tails.get(placeOf(source)) ?? [];
    return { source, ends: own, ...standing(commits[i]!, tail, own) };
  });
}

/**
 * A commit can be gone: brokers forget those of a group that was away for long. All batches but the
 * last were acknowledged by every log by then.
 */
function standing(
  commit: IngestCommit | null,
  tail: readonly Stretch[],
  logs: ReadonlyMap<string, readonly number[]>,
): Pick<Takeover, 'commit' | 'judged'> {
  if (commit !== null)
    return { commit, judged: tail.filter((one) => one.to > commit.cursor.offset) };
  const [former, last] = tail.slice(-2);
  if (former === undefined) return { commit: null, judged: [] };
  if (last === undefined) return { commit: null, judged: [former] };
  return { commit: { cursor: former.cursor, logs }, judged: [last] };
}

async function commitsOf(
  admin: Admin,
  groupId: string,
  sources: readonly SourcePartition[],
  partitions: number,
): Promise<(IngestCommit | null)[]> {
  const topics = [...new Set(sources.map((source) => source.name))];
  const told = await admin.fetchOffsets({ groupId, topics });
  return sources.map(({ topic, name, partition }) => {
    const own = told
      .find((one) => one.topic === name)
      ?.partitions.find((one) => one.partition === partition);
    return readCommit(topic, partition, Number(own?.offset ?? 0), own?.metadata, partitions);
  });
}

async function endsOf(admin: Admin, topic: string, partitions: number): Promise<number[]> {
  const offsets = await admin.fetchTopicOffsets(topic);
  return Array.from({ length: partitions }, (_, partition) =>
    Number(offsets.find((one) => one.partition === partition)?.high ?? 0),
  );
}

interface Stretch extends Judged {
  readonly cursor: Cursor;
}

/** What the logs hold of each source beyond its commit, in order; without one, the last two. */
async function readTails(
  kafka: Kafka,
  commits: readonly (IngestCommit | null)[],
  ends: ReadonlyMap<string, readonly number[]>,
): Promise<Map<string, Stretch[]>> {
  const ranges: Range[] = [];
  for (const [topic, list] of ends) {
    for (const [partition, to] of list.entries()) {
      const froms = commits.map((commit) => commit?.logs.get(topic)?.[partition] ?? 0);
      ranges.push({ topic, partition, from: Math.min(to, ...froms), to });
    }
  }
  const committed = new Set(commits.flatMap((one) => (one === null ? [] : [placeOf(one.cursor)])));
  const found = new Map<string, Stretch[]>();
  await readRanges(kafka, ranges, (_, { value }) => {
    const stretch = value === null ? null : stretchOf(value);
    if (stretch === null) return;
    const place = placeOf(stretch.cursor);
    const list = found.get(place) ?? [];
    found.set(place, list);
    // The first who judged a stretch counts, as it does in the logs.
    if (list.some((one) => one.from === stretch.from)) return;
    list.push(stretch);
    list.sort((a, b) => a.to - b.to);
    if (!committed.has(place)) list.splice(0, list.length - 2);
  });
  return found;
}

function stretchOf(value: Buffer): Stretch | null {
  if (parseTold(value) !== null) return null; // of the policy, not of ingest
  const { cursors, from, clockMs } = readHead(value);
  const [kept] = cursors;
  if (kept === undefined || kept.offset <= from) return null;
  const cursor = { ...kept, maxTimeMs: kept.maxTimeMs ?? Number.NEGATIVE_INFINITY };
  return { from, to: cursor.offset, clockMs, cursor };
}

function placeOf({ topic, partition }: { topic: string; partition: number }): string {
  return `${topic}/${partition}`;
}
