import { WeirError } from '../errors.js';
import type { ReplayInput } from '../streams/ingest/replay-source.js';
import type { Pipeline } from '../streams/pipeline.js';

/**
 * Reads `topic=FILE` words; a word without a topic belongs to the one before it. Each file of a
 * topic is one partition, in the order given.
 * @throws WeirError wrong-use
 */
export function parseInputs(words: readonly string[], pipeline: Pipeline): ReplayInput[] {
  const topics = pipeline.topics.map((topic) => topic.topic);
  const counts = topics.map(() => 0);
  let topicIndex = -1;
  return words.map((word) => {
    const at = word.indexOf('=');
    const named = at < 0 ? -1 : topics.indexOf(word.slice(0, at));
    if (named >= 0) topicIndex = named;
    const path = named >= 0 ? word.slice(at + 1) : word;
    const unknown = named < 0 && (topicIndex < 0 || (at > 0 && !word.slice(0, at).includes('/')));
    if (unknown || path === '') {
      throw new WeirError(
        'wrong-use',
        `--input: expected TOPIC=FILE with a topic of ${pipeline.name} (${topics.join(', ')}); found '${word}'`,
      );
    }
    return { topicIndex, partition: counts[topicIndex]!++, path };
  });
}
