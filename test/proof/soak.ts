// node .build/test/proof/soak.js --minutes 30: one Weir process on real servers at full speed; its
// memory,
// its watermark, and its account at the end, which must be that of what was produced.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { GeneratedRecord } from '../../src/generate/generated-record.js';
import { recordsFrom } from '../../src/generate/records-from.js';
import { createWorld } from '../../src/generate/world.js';
import { verdicts } from '../../src/records/batch.js';
import type { Message } from '../../src/sinks/kafka/client.js';
import { readCommit } from '../../src/streams/cluster/ingest-commit.js';
import { drained } from '../faults/drain.js';
import { type FaultServers, startFaultServers } from '../faults/fault-servers.js';
import { withAdmin } from '../faults/log-faults.js';
import { Member } from '../faults/member.js';
import { logPartitions, memberConfig } from '../faults/member-config.js';
import { createSources, sourcePartitions } from '../faults/workload.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    'events-per-day': { type: 'string', default: '150000' },
    seed: { type: 'string', default: '1' },
  },
});
const minutes = Number(values.minutes);
const eventsPerDay = Number(values['events-per-day']);
const prefix = 'soak.';
/** Records that may wait in the sources: enough for full speed, and no more disk than that. */
const behindMax = 60_000;
const requestRecords = 2_000;
const sampleMs = 10_000;

interface Sample {
  readonly seconds: number;
  readonly rssMb: number;
  readonly taken: number;
}

/** Slope by least squares, MB an hour. */
function slope(samples: readonly Sample[]): number {
  const n = samples.length;
  const mx = samples.reduce((sum, { seconds }) => sum + seconds, 0) / n;
  const my = samples.reduce((sum, { rssMb }) => sum + rssMb, 0) / n;
  const xy = samples.reduce((sum, s) => sum + (s.seconds - mx) * (s.rssMb - my), 0);
  const xx = samples.reduce((sum, s) => sum + (s.seconds - mx) ** 2, 0);
  return (xy / xx) * 3_600;
}

function rssMb(pid: number): number {
  const found = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1] ?? 0) / 1_024;
}

/** What was committed: records by verdict over all source partitions, by topic. */
async function accounts({ kafka }: FaultServers): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>();
  await withAdmin(kafka, async (admin) => {
    for (const topic of Object.keys(sourcePartitions)) {
      const groupId = `${prefix}weir.places.ingest`;
      const [told] = await admin.fetchOffsets({ groupId, topics: [`${prefix}${topic}`] });
      const counts = verdicts.map(() => 0);
      for (const { partition, offset, metadata } of told?.partitions ?? []) {
        const own = readCommit(topic, partition, Number(offset), metadata, logPartitions);
        own?.cursor.counts.forEach((count, i) => {
          counts[i]! += count;
        });
      }
      found.set(topic, counts);
    }
  });
  return found;
}

const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);

const servers = await startFaultServers();
const directory = mkdtempSync(join(tmpdir(), 'weir-soak-'));
const produced = new Map<string, number>();
try {
  await createSources(servers.kafka, prefix);
  const own = { role: 'all', prefix, database: 'soak', data: join(directory, 'data') } as const;
  const settings = memberConfig(servers, { ...own, sessionTimeoutMs: 10_000 })
    .replace('batch_rows: 500', 'batch_rows: 10000')
    .replace('batch_age: 200ms', 'batch_age: 1s')
    .replace('every: 2s', 'every: 30s')
    .replace('keep: 7d', 'keep: 1m')
    .replace('batch_records: 64', 'batch_records: 512');
  const member = new Member(directory, 'weir', settings, () => 1_000);
  member.start();
  const world = createWorld({
    seed: Number(values.seed),
    startMs: Date.parse('2025-01-06T00:00:00Z'),
    users: Math.ceil(eventsPerDay / 30),
    places: 2_000,
    eventsPerDay,
    partitions: sourcePartitions.interactions,
    disorder: 0.02,
    late: 0.001,
    broken: 0.001,
  });
  const samples = await run(recordsFrom(world, 0), member);
  const left = await drained(servers.kafka, prefix, 600_000, [`${prefix}scores`]);
  assert.deepEqual(left, [], 'not drained');
  const clean = await member.stop(60_000);
  for (const [topic, counts] of await accounts(servers)) {
    const parts = verdicts.map((verdict, i) => `${verdict} ${counts[i]}`).join(', ');
    console.log(`${topic}: produced ${produced.get(topic)}, taken ${sum(counts)}: ${parts}`);
    assert.equal(sum(counts), produced.get(topic), topic);
  }
  const half = samples.slice(Math.floor(samples.length / 2));
  const first = half[0]!.rssMb.toFixed(0);
  const last = half.at(-1)!.rssMb.toFixed(0);
  console.log(
    `memory over the second half: ${first} to ${last} MB, ${slope(half).toFixed(1)} MB/h`,
  );
  const { seconds, taken } = samples.at(-1)!;
  console.log(`${taken} records in ${seconds.toFixed(0)} s, ${(taken / seconds).toFixed(0)}/s`);
  console.log(`ended cleanly: ${clean}; starts: ${member.starts}; directory ${directory}`);
  assert.equal(member.starts, 1);
  rmSync(directory, { recursive: true });
} finally {
  await servers.close();
}

/** Produces as fast as Weir takes, for so many minutes. */
async function run(records: Iterator<GeneratedRecord>, member: Member): Promise<Sample[]> {
  const producer = servers.kafka.producer();
  await producer.connect();
  const samples: Sample[] = [];
  const begun = performance.now();
  const elapsed = (): number => (performance.now() - begun) / 1_000;
  let timeMs = 0;
  for (let next = 0; elapsed() < minutes * 60; ) {
    const topics = new Map<string, Message[]>();
    for (let i = 0; i < requestRecords; i++) {
      const { topic, partition, offset, line, timeMs: at } = records.next().value;
      const list = topics.get(`${prefix}${topic}`) ?? [];
      topics.set(`${prefix}${topic}`, list);
      const to =
        topic === 'place-updates' ? offset % sourcePartitions[topic as 'context'] : partition;
      list.push({ partition: to, value: line });
      produced.set(topic, (produced.get(topic) ?? 0) + 1);
      timeMs = at ?? timeMs;
    }
    const topicMessages = [...topics].map(([topic, messages]) => ({ topic, messages }));
    await producer.sendBatch({ acks: -1, topicMessages });
    const all = sum([...produced.values()]);
    for (;;) {
      const taken = sum([...(await accounts(servers)).values()].map(sum));
      if (elapsed() * 1_000 >= next) {
        next += sampleMs;
        const sample = { seconds: elapsed(), rssMb: rssMb(member.pid), taken };
        samples.push(sample);
        const day = new Date(timeMs).toISOString();
        console.log(
          `${sample.seconds.toFixed(0)} s: ${taken} taken, at ${day}, ${sample.rssMb.toFixed(0)} MB`,
        );
      }
      if (all - taken < behindMax) break;
      await delay(200);
    }
  }
  await producer.disconnect();
  return samples;
}
