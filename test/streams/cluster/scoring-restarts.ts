import type { LogMessage, LogTask } from '../../../src/streams/cluster/log-task.js';
import type { TaskOutput } from '../../../src/streams/cluster/scoring-output.js';

/** An output that only collects. */
export function collected<Item>(into: Item[]): TaskOutput<Item> {
  return {
    write: (items) => void into.push(...items),
    ready: () => Promise.resolve(),
    flush: () => Promise.resolve(),
  };
}

/** Messages of a log of a test's own. */
export function messagesOf(
  values: readonly (Buffer | string)[],
  headers?: readonly Readonly<Record<string, string>>[],
): LogMessage[] {
  return values.map((value, offset) => {
    return { offset, key: '', value: Buffer.from(value), headers: headers?.[offset] ?? {} };
  });
}

/** A task's state as another process gets it. */
export function dumped(task: LogTask): Map<string, Uint8Array> {
  const parts = [...task.dump()].map(([name, bytes]) => {
    return [name, new Uint8Array(Buffer.concat(bytes))] as const;
  });
  return new Map(parts);
}

/**
 * Lets a task take a whole log in pieces of random size; at random another one takes over from what
 * was dumped last, and takes again what followed.
 */
export async function takeAll<Task extends LogTask>(
  create: () => Task,
  messages: readonly LogMessage[],
  random: () => number,
): Promise<Task> {
  let task = create();
  let kept: { next: number; parts: Map<string, Uint8Array> } | null = null;
  let next = 0;
  while (next < messages.length) {
    const to = Math.min(messages.length, next + 1 + Math.floor(random() * 40));
    await task.take(messages.slice(next, to), to === messages.length);
    next = to;
    if (random() < 0.2) kept = { next, parts: dumped(task) };
    if (random() < 0.1) {
      await task.close();
      task = create();
      next = kept?.next ?? 0;
      if (kept !== null) task.restore(kept.parts);
    }
  }
  return task;
}
