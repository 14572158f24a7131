import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { onDisk } from '../../disk-error.js';
import { decodeFrame } from '../frame-codec.js';
import type { IngestPosition } from '../ingest/batch-builder.js';
import { scoresName } from '../log-set.js';
import { mergeFrames } from '../merge-frames.js';
import { openLog } from '../storage/log.js';
import type { FeedRecord } from './live-source.js';

const formerName = 'logs.former';

/**
 * Makes the data directory ready to be rebuilt: the state is forgotten, the logs stand aside to be
 * read as a feed, and the epoch is a new one.
 */
export function prepareRebuild(directory: string): void {
  onDisk('resetting', directory, () => {
    mkdirSync(directory, { recursive: true });
    const logs = join(directory, 'logs');
    const former = join(directory, formerName);
    // A reset that was cut short: what stands aside is the longer history.
    if (existsSync(former)) rmSync(logs, { recursive: true, force: true });
    else if (existsSync(logs)) renameSync(logs, former);
    writeFileSync(join(directory, 'epoch'), String(epochOf(directory) + 1), { flush: true });
    rmSync(join(directory, 'snapshots'), { recursive: true, force: true });
  });
}

/** How often the logs were made anew. */
export function epochOf(directory: string): number {
  const path = join(directory, 'epoch');
  return existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
}

/** Names the topics that the records of the logs index. */
export function nameTopics(directory: string, topics: readonly string[]): void {
  const path = join(directory, 'logs', 'topics.json');
  onDisk('writing', path, () => {
    mkdirSync(join(directory, 'logs'), { recursive: true });
    writeFileSync(path, JSON.stringify(topics), { flush: true });
  });
}

/** The records of the logs that stand aside, in their order, that the new logs do not have yet. */
export function* formerRecords(
  directory: string,
  { cursors }: IngestPosition,
): Generator<FeedRecord> {
  const former = join(directory, formerName);
  if (!existsSync(former)) return;
  const topics: string[] = JSON.parse(readFileSync(join(former, 'topics.json'), 'utf8'));
  const nextOf = new Map(cursors.map((c) => [`${c.topic}/${c.partition}`, c.offset]));
  const names = readdirSync(former, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && entry.name !== scoresName,
  );
  const logs = names.map((entry) => openLog(join(former, entry.name)));
  const readers = logs.map((log) => log.read(-1));
  const heads = readers.map((reader) => reader.next());
  for (;;) {
    const numbers = heads.flatMap((head) => (head.done ? [] : [head.value.batch]));
    if (numbers.length === 0) break;
    const batch = Math.min(...numbers);
    const frames = heads.flatMap((head, i) => {
      if (head.done || head.value.batch !== batch) return [];
      heads[i] = readers[i]!.next();
      return [decodeFrame(head.value.payload, () => ({}))];
    });
    const { count, topics: indices, partitions, offsets, raws, verdicts } = mergeFrames(frames);
    for (let i = 0; i < count; i++) {
      const topic = topics[indices[i]!]!;
      const partition = partitions[i]!;
      const isGap = raws[i] === '' && verdicts[i] !== 0;
      if (isGap || offsets[i]! < (nextOf.get(`${topic}/${partition}`) ?? 0)) continue;
      yield {
        topic,
        partition,
        offset: offsets[i]!,
        arrivalMs: Number.NEGATIVE_INFINITY,
        line: raws[i]!,
      };
    }
  }
  for (const log of logs) log.close();
}

/** Removes the logs that were read as a feed, once the new state is on disk. */
export function finishRebuild(directory: string): void {
  rmSync(join(directory, formerName), { recursive: true, force: true });
}
