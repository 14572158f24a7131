import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verdicts } from '../../records/batch.js';
import { decodeFrame } from '../frame-codec.js';
import type { IngestPosition } from '../ingest/batch-builder.js';
import { scoresName } from '../log-set.js';
import { mergeFrames } from '../merge-frames.js';
import { type Log, openLog } from '../storage/log.js';
import type { FeedRecord } from './live-source.js';
import { formerLogs } from './rebuild.js';

const used = verdicts.indexOf('used');
const future = verdicts.indexOf('future');

/** The records of the logs that stand aside, in their order, that the new logs do not have yet. */
export function* formerRecords(
  directory: string,
  { cursors }: IngestPosition,
): Generator<FeedRecord> {
  const former = formerLogs(directory);
  if (!existsSync(former)) return;
  const topics: string[] = JSON.parse(readFileSync(join(former, 'topics.json'), 'utf8'));
  const nextOf = new Map(cursors.map((c) => [`${c.topic}/${c.partition}`, c.offset]));
  for (const batch of batchesOf(former)) {
    for (let i = 0; i < batch.count; i++) {
      const topic = topics[batch.topics[i]!]!;
      const partition = batch.partitions[i]!;
      const offset = batch.offsets[i]!;
      const line = batch.raws[i]!;
      const verdict = batch.verdicts[i]!;
      const isGap = line === '' && verdict !== used;
      if (isGap || offset < (nextOf.get(`${topic}/${partition}`) ?? 0)) continue;
      // A stamp that was too far ahead has come to pass meanwhile: what was decided of it stays.
      const refusal = verdict === future ? batch.details[i]! : '';
      yield { topic, partition, offset, arrivalMs: Number.NEGATIVE_INFINITY, line, refusal };
    }
  }
}

function* batchesOf(former: string): Generator<ReturnType<typeof mergeFrames>> {
  const names = readdirSync(former, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && entry.name !== scoresName,
  );
  const logs: Log[] = names.map((entry) => openLog(join(former, entry.name)));
  try {
    // A crash left the last batch in some logs only: its records were not taken yet.
    const last = Math.min(...logs.map((log) => log.lastBatch));
    const readers = logs.map((log) => log.read(-1));
    const heads = readers.map((reader) => reader.next());
    for (;;) {
      const numbers = heads.flatMap((head) => (head.done ? [] : [head.value.batch]));
      const batch = Math.min(...numbers);
      if (!(batch <= last)) return;
      const frames = heads.flatMap((head, i) => {
        if (head.done || head.value.batch !== batch) return [];
        const frame = decodeFrame(head.value.payload, () => ({})); // before the payload is gone
        heads[i] = readers[i]!.next();
        return [frame];
      });
      // Retention removes whole segments, at another batch in each log: begin where all do.
      if (frames.length === logs.length) yield mergeFrames(frames);
    }
  } finally {
    for (const log of logs) log.close();
  }
}
