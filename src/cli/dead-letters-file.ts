import { appendFileSync, createReadStream, existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { onDisk } from '../disk-error.js';
import { WeirError } from '../errors.js';
import { type Letter, parseLetter, placeOf } from './dead-letters-selection.js';

/**
 * Reads `dead-letters.ndjson`, or what `SELECT … FROM dead_letters FORMAT JSONEachRow` gives.
 * @throws WeirError input-missing
 */
export async function readLetterFile(
  path: string,
  take: (letter: Letter) => void,
): Promise<{ readonly unreadable: number }> {
  if (!existsSync(path)) {
    throw new WeirError('input-missing', `expected dead letters in ${path}, found no file`, {
      place: { path },
    });
  }
  let unreadable = 0;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (line === '') continue;
    const letter = parseLetter(line, null);
    if (letter === null) unreadable++;
    else take(letter);
  }
  return { unreadable };
}

/** Beside the file: the coordinates that were posted, a line each. */
function replayedFile(path: string): string {
  return `${path}.replayed`;
}

export function readReplayedFile(path: string): ReadonlySet<string> {
  const beside = replayedFile(path);
  if (!existsSync(beside)) return new Set();
  return new Set(onDisk('reading', beside, () => readFileSync(beside, 'utf8').split('\n')));
}

const postRecords = 500;

/** The line of a record; null for bytes that were no text. */
export function lineOf({ raw }: Letter): string | null {
  // A line end inside a JSON text is white space.
  return raw.startsWith('base64:') ? null : raw.replace(/[\r\n]+/g, ' ');
}

/**
 * Posts records to a running engine, and notes beside the file what it has taken.
 * @returns how many it took
 * @throws WeirError input-unreadable where the engine does not answer or refuses them
 */
export async function postLetters(
  path: string,
  letters: readonly Letter[],
  engine: string,
): Promise<number> {
  let posted = 0;
  for (const topic of new Set(letters.map((letter) => letter.topic))) {
    const own = letters.filter((letter) => letter.topic === topic && lineOf(letter) !== null);
    for (let i = 0; i < own.length; i += postRecords) {
      const part = own.slice(i, i + postRecords);
      await post(engine, topic, part.map((letter) => `${lineOf(letter)}\n`).join(''));
      const places = part.map((letter) => `${placeOf(letter)}\n`).join('');
      const beside = replayedFile(path);
      onDisk('writing', beside, () => appendFileSync(beside, places, { flush: true }));
      posted += part.length;
    }
  }
  return posted;
}

async function post(engine: string, topic: string, body: string): Promise<void> {
  const url = `${engine.replace(/\/$/, '')}/events/${encodeURIComponent(topic)}`;
  let why: string;
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body,
    });
    if (answer.ok) return;
    why = `it answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`;
  } catch (error) {
    const { cause } = error as { cause?: Error }; // of fetch: what the system said
    why = cause?.message ?? String(error);
  }
  const remedy = 'check that weir run serves there; run the same command again for the rest';
  throw new WeirError(
    'input-unreadable',
    `expected ${url} to take records, found: ${why}; ${remedy}`,
  );
}
