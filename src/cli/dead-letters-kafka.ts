import type { Config } from '../config/config.js';
import { kafkaTopic } from '../config/kafka-topic.js';
import { WeirError } from '../errors.js';
import type { Kafka, KafkaMessage, Message, Producer } from '../sinks/kafka/client.js';
import { createRegistry, type Registry } from '../sinks/kafka/registry.js';
import { createValueReader } from '../sinks/kafka/value-format.js';
import { type Range, readRanges } from '../streams/cluster/read-range.js';
import { ensureTopics, snapshotSettings } from '../streams/cluster/topics.js';
import type { Log } from '../telemetry/log.js';
import { type Letter, parseLetter, placeOf } from './dead-letters-selection.js';
import { messageOf } from './doctor-part.js';

/** What dead letters are read and replayed with. */
export interface LetterPlace {
  readonly kafka: Kafka;
  readonly settings: NonNullable<Config['kafka']>;
  readonly registry: Registry | null;
  readonly pipeline: string;
}

export function openRegistry({ registry }: Config, log: Log): Registry | null {
  return registry === null ? null : createRegistry(registry, log);
}

/** Reads the topic of dead letters to its end; what is no letter is counted. */
export async function readLetters(
  { kafka, settings, registry }: LetterPlace,
  take: (letter: Letter) => void,
): Promise<{ readonly unreadable: number }> {
  const { name, format } = settings.outputs['dead-letters'];
  const reader = createValueReader(format, registry);
  let unreadable = 0;
  const messages: KafkaMessage[] = [];
  const flush = async (): Promise<void> => {
    const batch = messages.splice(0);
    const { texts } = await reader.readAll(batch.map((message) => message.value));
    for (const [i, message] of batch.entries()) {
      const letter = parseLetter(texts[i]!, Number(message.timestamp));
      if (letter === null) unreadable++;
      else take(letter);
    }
  };
  for (const range of await wholeOf(kafka, name)) {
    // A part at a time, so that what is held stays small.
    for (let from = range.from; from < range.to; from += partRecords) {
      const to = Math.min(range.to, from + partRecords);
      await readRanges(kafka, [{ ...range, from, to }], (_, message) => messages.push(message));
      await flush();
    }
  }
  return { unreadable };
}

const partRecords = 100_000;

/** All that a topic holds; nothing where it is not there. */
async function wholeOf(kafka: Kafka, topic: string): Promise<Range[]> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    if (!(await admin.listTopics()).includes(topic)) return [];
    const offsets = await admin.fetchTopicOffsets(topic);
    return offsets.map(({ partition, low, high }) => {
      return { topic, partition, from: Number(low), to: Number(high) };
    });
  } finally {
    await admin.disconnect();
  }
}

/** Topic of the coordinates that were replayed. */
function replayedTopic({ settings, pipeline }: LetterPlace): string {
  return `${settings.prefix}${pipeline}.replayed`;
}

/** Coordinates that were replayed before. */
export async function readReplayed(place: LetterPlace): Promise<ReadonlySet<string>> {
  return readMarks(place, await wholeOf(place.kafka, replayedTopic(place)));
}

async function readMarks(place: LetterPlace, ranges: readonly Range[]) {
  const replayed = new Set<string>();
  await readRanges(place.kafka, ranges, (_, message) => replayed.add(String(message.key)));
  return replayed;
}

interface Original {
  readonly key: Buffer | null;
  readonly value: Buffer;
  readonly headers: NonNullable<Message['headers']>;
}

/**
 * The records themselves, read again where they came from: their bytes, key and headers. A record
 * that is no longer there is made from the letter's text, where that is what it was.
 */
async function originalsOf(
  { kafka, settings, registry }: LetterPlace,
  letters: readonly Letter[],
): Promise<ReadonlyMap<string, Original>> {
  const found = new Map<string, Original>();
  for (const topic of new Set(letters.map((letter) => letter.topic))) {
    const { name, format } = kafkaTopic(settings, topic);
    const wanted = new Map(
      letters
        .filter((letter) => letter.topic === topic)
        .map((letter) => [`${letter.partition}/${letter.offset}`, letter]),
    );
    const held: { letter: Letter; message: KafkaMessage }[] = [];
    const ranges = (await wholeOf(kafka, name)).map((range) => around(range, wanted.values()));
    await readRanges(kafka, ranges, ({ partition }, message) => {
      const letter = wanted.get(`${partition}/${Number(message.offset)}`);
      if (letter !== undefined) held.push({ letter, message });
    });
    const reader = createValueReader(format, registry);
    const { texts } = await reader.readAll(held.map(({ message }) => message.value));
    for (const [i, { letter, message }] of held.entries()) {
      // Another text: the topic was made anew since.
      if (message.value === null || texts[i] !== letter.raw) continue;
      const { key, value, headers = {} } = message;
      found.set(placeOf(letter), { key, value, headers });
    }
    for (const letter of wanted.values()) {
      const value = bytesOf(letter, format);
      if (value === null || found.has(placeOf(letter))) continue;
      found.set(placeOf(letter), { key: null, value, headers: {} });
    }
  }
  return found;
}

function around(range: Range, letters: Iterable<Letter>): Range {
  let [from, to] = [range.to, range.from];
  for (const { partition, offset } of letters) {
    if (partition !== range.partition || offset < range.from || offset >= range.to) continue;
    from = Math.min(from, offset);
    to = Math.max(to, offset + 1);
  }
  return { ...range, from, to };
}

function bytesOf({ raw }: Letter, format: 'json' | 'avro'): Buffer | null {
  if (raw.startsWith('base64:')) return Buffer.from(raw.slice('base64:'.length), 'base64');
  return format === 'json' && raw !== '' ? Buffer.from(raw) : null;
}

const transactionRecords = 500;

export interface Replayed {
  readonly written: number;
  /** Neither in the source topic any more nor to be made from the letter. */
  readonly gone: readonly Letter[];
}

/**
 * Writes the records of letters to their source topics again, each with the header
 * `x-weir-replay-of`, and its coordinates to the topic of those that were replayed, in one
 * transaction: after a crash it is there with both or with neither.
 * @param choose takes what was replayed before and gives the letters that are to be
 */
export async function replayLetters(
  place: LetterPlace,
  replication: number,
  choose: (replayed: ReadonlySet<string>) => readonly Letter[],
): Promise<Replayed> {
  const marks = replayedTopic(place);
  const settings = snapshotSettings;
  const need = { topic: marks, partitions: 1, exact: true, settings };
  await ensureTopics(place.kafka, [need], replication);
  const producer = place.kafka.transactional(marks);
  await producer.connect();
  try {
    // The first transaction ends what another replay has under way, which cannot commit after it:
    // what is read up to its place is all that was replayed.
    const at = await transact(producer, marks, new Map([[marks, [mark('opened')]]]));
    const whole = await wholeOf(place.kafka, marks);
    const letters = choose(
      await readMarks(
        place,
        whole.map((range) => ({ ...range, to: at + 1 })),
      ),
    );
    const originals = await originalsOf(place, letters);
    const there = letters.filter((letter) => originals.has(placeOf(letter)));
    for (let i = 0; i < there.length; i += transactionRecords) {
      const records = there.slice(i, i + transactionRecords).map((letter) => {
        return { letter, original: originals.get(placeOf(letter))! };
      });
      await commit(place, producer, marks, records);
    }
    const gone = letters.filter((letter) => !originals.has(placeOf(letter)));
    return { written: there.length, gone };
  } finally {
    await producer.disconnect();
  }
}

async function commit(
  { settings }: LetterPlace,
  producer: Producer,
  marks: string,
  records: readonly { readonly letter: Letter; readonly original: Original }[],
): Promise<void> {
  const topics = new Map<string, Message[]>();
  for (const { letter, original } of records) {
    const { name } = kafkaTopic(settings, letter.topic);
    const of = `${name}/${letter.partition}/${letter.offset}`;
    const headers = { ...original.headers, 'x-weir-replay-of': of };
    const message = { ...original, headers, partition: letter.partition };
    const list = topics.get(name) ?? [];
    topics.set(name, list);
    list.push(message);
  }
  topics.set(
    marks,
    records.map(({ letter }) => mark(placeOf(letter))),
  );
  await transact(producer, marks, topics);
}

function mark(key: string): Message {
  return { key, value: new Date().toISOString(), partition: 0 };
}

/** @returns offset of the first record in the topic of marks */
async function transact(
  producer: Producer,
  marks: string,
  topics: ReadonlyMap<string, Message[]>,
): Promise<number> {
  try {
    const transaction = await producer.transaction();
    const topicMessages = [...topics].map(([topic, messages]) => ({ topic, messages }));
    const written = await transaction.sendBatch({ acks: -1, topicMessages });
    await transaction.commit();
    return Number(written.find(({ topicName }) => topicName === marks)?.baseOffset ?? -1);
  } catch (cause) {
    throw new WeirError(
      'kafka-failed',
      `the replay was not acknowledged (${messageOf(cause)}); run it again: what was written is known and is not written twice`,
      { cause },
    );
  }
}
