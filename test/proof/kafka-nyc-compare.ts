import assert from 'node:assert/strict';
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { verdicts } from '../../src/records/batch.js';
import { type Account, accountOf } from '../../src/streams/account.js';
import { type Input, recordOf, type SourceRecord, type Topic, topics } from './kafka-nyc-input.js';

/** How many were compared, and what differs in words. */
export interface Comparison {
  readonly what: string;
  compared: number;
  differing: number;
  readonly first: string[];
  /** What was left out, and why. */
  readonly aside: string;
}

type Features = Readonly<Record<string, unknown>>;

/** A line of latest.ndjson. */
interface ReplayLatest {
  readonly view: string;
  readonly key: string | number;
  readonly as_of: string;
  readonly valid_until: string | null;
  readonly features: Features;
}

/** A vector of Redis. */
interface Stored {
  readonly key: string | number;
  readonly asOfMs: number;
  readonly validUntilMs: number | null;
  readonly features: Features;
}

const tolerance = 1e-9;
const firstMax = 5;
const hourMs = 3_600_000;
/** Changes with the instant it is evaluated at. */
const continuous = 'hours_since_last';

function begin(what: string, aside = ''): Comparison {
  return { what, compared: 0, differing: 0, first: [], aside };
}

function differs(comparison: Comparison, where: string, want: unknown, have: unknown): void {
  comparison.differing += 1;
  if (comparison.first.length >= firstMax) return;
  const texts = [want, have].map((value) => JSON.stringify(value));
  comparison.first.push(`${where}: expected ${texts[0]}, found ${texts[1]}`);
}

function linesOf(path: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
}

/** Numbers within the tolerance, relative or absolute; all else exactly. */
function equal(want: unknown, have: unknown): boolean {
  if (typeof want === 'number' && typeof have === 'number') {
    return Math.abs(want - have) <= tolerance * Math.max(1, Math.abs(want));
  }
  if (Array.isArray(want) && Array.isArray(have)) {
    return want.length === have.length && want.every((value, i) => equal(value, have[i]));
  }
  return want === have;
}

/** What ingest committed, summed by topic, is what the replay counted. */
export async function compareAccounts(directory: string, out: string): Promise<Comparison> {
  const comparison = begin('account');
  const cursors = [];
  for await (const line of linesOf(join(directory, 'account.ndjson'))) {
    const { counts, ...place } = JSON.parse(line) as CommittedRow; // as dump.ts writes it
    const inOrder = verdicts.map((verdict) => counts[verdict] ?? 0);
    cursors.push({ ...place, maxTimeMs: 0, idle: false, counts: inOrder });
  }
  const accounts = readFileSync(join(out, 'accounts.json'), 'utf8');
  const want = JSON.parse(accounts) as Record<string, Account>; // as the replay writes it
  for (const topic of topics) {
    const have = accountOf(topic, cursors);
    comparison.compared += have.in;
    for (const name of Object.keys(have) as (keyof Account)[]) {
      if (have[name] !== want[topic]?.[name]) {
        differs(comparison, `${topic} ${name}`, want[topic]?.[name], have[name]);
      }
    }
  }
  return comparison;
}

interface CommittedRow {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly counts: Readonly<Record<string, number>>;
}

/** What is read from the topics says what the input says, whatever it was written in. */
export async function compareSources(directory: string, input: Input): Promise<Comparison> {
  const comparison = begin('source records read back');
  const left = new Map(topics.map((topic) => [topic, input[topic].map(({ length }) => length)]));
  for await (const line of linesOf(join(directory, 'source.ndjson'))) {
    const row = JSON.parse(line) as SourceRow; // as dump.ts writes it
    const { topic, partition, offset, value } = row;
    comparison.compared += 1;
    left.get(topic)![partition]! -= 1;
    const want = input[topic][partition]?.[offset];
    if (want === undefined || !sameRecord(recordOf(want), recordOf(value))) {
      differs(comparison, `${topic}/${partition}/${offset}`, want, value);
    }
  }
  for (const [topic, counts] of left) {
    if (counts.some((count) => count !== 0)) differs(comparison, `${topic} left`, 0, counts);
  }
  return comparison;
}

interface SourceRow {
  readonly topic: Topic;
  readonly partition: number;
  readonly offset: number;
  readonly value: string;
}

function sameRecord(want: SourceRecord, have: SourceRecord): boolean {
  const inMs = (one: SourceRecord) => ({ ...one, timestamp: Date.parse(one.timestamp) });
  try {
    assert.deepStrictEqual(inMs(have), inMs(want));
    return true;
  } catch {
    return false;
  }
}

/** By view and key. */
async function storedIn(directory: string, name: string): Promise<Map<string, Stored>> {
  const found = new Map<string, Stored>();
  for await (const line of linesOf(join(directory, `${name}.ndjson`))) {
    const { view, key, fields } = JSON.parse(line) as RedisRow; // as dump.ts writes it
    const read = (field: string): unknown => JSON.parse(fields[field] ?? 'null');
    const stored = {
      key: read('key'),
      asOfMs: read('as_of_ms'),
      validUntilMs: read('valid_until_ms'),
      features: read('features'),
    } as Stored; // docs/redis.md
    found.set(`${view} ${key}`, stored);
  }
  return found;
}

interface RedisRow {
  readonly view: string;
  readonly key: string;
  readonly fields: Readonly<Record<string, string>>;
}

async function replayed(out: string): Promise<Map<string, ReplayLatest>> {
  const found = new Map<string, ReplayLatest>();
  for await (const line of linesOf(join(out, 'latest.ndjson'))) {
    const latest = JSON.parse(line) as ReplayLatest; // as the replay writes it
    found.set(`${latest.view} ${latest.key}`, latest);
  }
  return found;
}

/** What was rehydrated as of the replay's watermark: every field of every vector, none besides. */
export async function compareRehydrated(directory: string, out: string): Promise<Comparison> {
  const comparison = begin('latest vectors as of the replay');
  const [want, have] = [await replayed(out), await storedIn(directory, 'redis-as-of')];
  for (const [where, latest] of want) {
    const stored = have.get(where);
    comparison.compared += 1;
    if (stored === undefined) {
      differs(comparison, where, 'a vector', null);
      continue;
    }
    have.delete(where);
    const asOfMs = Date.parse(latest.as_of);
    if (stored.asOfMs !== asOfMs) differs(comparison, `${where} as_of`, asOfMs, stored.asOfMs);
    compareVector(comparison, where, latest, stored, latest.features);
  }
  for (const where of have.keys()) differs(comparison, where, null, 'a vector');
  return comparison;
}

/**
 * What the engine itself wrote, wherever it holds at the replay's watermark still; a time since
 * last is that of the vector's own instant.
 */
export async function compareWritten(
  directory: string,
  out: string,
  atMs: number,
): Promise<Comparison> {
  const [want, have] = [await replayed(out), await storedIn(directory, 'redis')];
  const holding = [...have].filter(([, { validUntilMs }]) => {
    return validUntilMs === null || validUntilMs > atMs;
  });
  const before = have.size - holding.length;
  const aside = `, ${before} more end before it`;
  const comparison = begin('latest vectors as the engine wrote them', aside);
  if (have.size !== want.size) differs(comparison, 'vectors', want.size, have.size);
  for (const [where, stored] of holding) {
    comparison.compared += 1;
    const latest = want.get(where);
    if (latest === undefined) {
      differs(comparison, where, null, 'a vector');
      continue;
    }
    const { last_activity: last } = stored.features;
    const since = typeof last === 'string' ? (stored.asOfMs - Date.parse(last)) / hourMs : null;
    const isContinuous = continuous in latest.features;
    const features = isContinuous ? { ...latest.features, [continuous]: since } : latest.features;
    compareVector(comparison, where, latest, stored, features);
  }
  return comparison;
}

function compareVector(
  comparison: Comparison,
  where: string,
  latest: ReplayLatest,
  stored: Stored,
  features: Features,
): void {
  const until = latest.valid_until === null ? null : Date.parse(latest.valid_until);
  if (stored.key !== latest.key) differs(comparison, `${where} key`, latest.key, stored.key);
  if (stored.validUntilMs !== until) {
    differs(comparison, `${where} valid_until`, until, stored.validUntilMs);
  }
  for (const name of new Set([...Object.keys(features), ...Object.keys(stored.features)])) {
    const [want, have] = [features[name], stored.features[name]];
    if (!equal(want, have)) differs(comparison, `${where} ${name}`, want, have);
  }
}
