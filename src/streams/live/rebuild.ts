import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { onDisk } from '../../disk-error.js';
import { replaceFile } from './replace-file.js';

/** Logs that stand aside until they were taken again. */
export function formerLogs(directory: string): string {
  return join(directory, 'logs.former');
}

const takenName = 'logs.taken';
const markName = 'reset';

/**
 * Makes the data directory ready to be rebuilt: the state is forgotten, the logs stand aside to be
 * read as a feed, and the epoch is a new one.
 */
export function prepareRebuild(directory: string): void {
  const mark = join(directory, markName);
  if (!existsSync(mark)) {
    onDisk('creating', directory, () => mkdirSync(directory, { recursive: true }));
    replaceFile(mark, String(epochOf(directory) + 1));
  }
  finishPreparing(directory);
}

/** Finishes what a crash interrupted in `prepareRebuild` or `finishRebuild`. */
export function finishPreparing(directory: string): void {
  onDisk('resetting', directory, () => {
    rmSync(join(directory, takenName), { recursive: true, force: true });
    const mark = join(directory, markName);
    if (!existsSync(mark)) return;
    const logs = join(directory, 'logs');
    const former = formerLogs(directory);
    // An earlier reset was cut short: what it had taken so far stands in the former logs too.
    if (existsSync(former)) rmSync(logs, { recursive: true, force: true });
    else if (existsSync(logs)) renameSync(logs, former);
    replaceFile(join(directory, 'epoch'), readFileSync(mark, 'utf8'));
    rmSync(join(directory, 'snapshots'), { recursive: true, force: true });
    rmSync(mark);
  });
}

/** How often the logs were made anew. */
export function epochOf(directory: string): number {
  const path = join(directory, 'epoch');
  return existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
}

/** Names the topics that the records of the logs index. */
export function nameTopics(directory: string, topics: readonly string[]): void {
  const logs = join(directory, 'logs');
  onDisk('creating', logs, () => mkdirSync(logs, { recursive: true }));
  replaceFile(join(logs, 'topics.json'), JSON.stringify(topics));
}

export function isRebuilding(directory: string): boolean {
  return existsSync(formerLogs(directory));
}

/** Removes the logs that were read as a feed, once the new state is on disk. */
export function finishRebuild(directory: string): void {
  const former = formerLogs(directory);
  const taken = join(directory, takenName);
  onDisk('removing', former, () => {
    if (existsSync(former)) renameSync(former, taken); // at once: half of it would be no history
    rmSync(taken, { recursive: true, force: true });
  });
}
