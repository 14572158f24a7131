import type { TopicDefinition } from '../features/source.js';
import { verdicts } from '../records/batch.js';
import type { DeadLetter } from '../records/dead-letter.js';
import type { Frame } from '../records/frame.js';

/** The records of a frame that go to the dead letters: invalid, future and late ones. */
export function deadLettersOf(frame: Frame, topics: readonly TopicDefinition[]): DeadLetter[] {
  const { batch, count, index } = frame;
  const letters: DeadLetter[] = [];
  for (let i = 0; i < count; i++) {
    const at = index[i]!;
    const reason = verdicts[batch.verdicts[at]!]!;
    if (reason !== 'invalid' && reason !== 'future' && reason !== 'late') continue;
    letters.push({
      topic: topics[batch.topics[at]!]!.topic,
      partition: batch.partitions[at]!,
      offset: batch.offsets[at]!,
      reason,
      detail: batch.details[at]!,
      raw: batch.raws[at]!,
    });
  }
  return letters;
}
