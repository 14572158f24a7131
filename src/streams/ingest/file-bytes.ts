import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { WeirError } from '../../errors.js';

const chunkBytes = 1 << 20;
const gzipMagic = Buffer.of(0x1f, 0x8b);

function inputError(path: string, error: unknown): WeirError {
  const { code, message } = error as NodeJS.ErrnoException; // streams fail with nothing else
  const options = { cause: error, place: { path } };
  if (code === 'ENOENT') {
    return new WeirError(
      'input-missing',
      `expected an input file at ${path}, found none; check the path`,
      options,
    );
  }
  const remedy = code?.startsWith('Z_')
    ? 'the gzip data is damaged or cut off; make the file anew or unpack what can be saved'
    : code === 'EISDIR'
      ? 'give a file, not a directory'
      : 'check that the file may be read';
  return new WeirError('input-unreadable', `cannot read ${path} (${message}); ${remedy}`, options);
}

/** All bytes again, the first ones having been looked at. */
async function* rejoin(
  first: Buffer,
  rest: AsyncIterator<Buffer, undefined>,
): AsyncGenerator<Buffer, void> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
    yield next.value;
  }
}

/**
 * The bytes of a file, unpacked where it starts as gzip does, in chunks of up to 1 MiB.
 *
 * Works on pipes too, since it never seeks. Errors: `input-missing`, `input-unreadable`.
 */
export async function* fileBytes(path: string): AsyncGenerator<Buffer, void> {
  const file = createReadStream(path, { highWaterMark: chunkBytes });
  try {
    const chunks: AsyncIterator<Buffer, undefined> = file[Symbol.asyncIterator]();
    let first = Buffer.alloc(0);
    while (first.length < gzipMagic.length) {
      const next = await chunks.next();
      if (next.done === true) break;
      first = Buffer.concat([first, next.value]);
    }
    const all = rejoin(first, chunks);
    if (!first.subarray(0, gzipMagic.length).equals(gzipMagic)) yield* all;
    else {
      const unpacked = createGunzip({ chunkSize: chunkBytes });
      // An error of either reaches the iterator of `unpacked`; the callback only keeps it from
      // being thrown.
      yield* pipeline(Readable.from(all, { objectMode: true }), unpacked, () => {});
    }
  } catch (error) {
    throw inputError(path, error);
  } finally {
    file.destroy();
  }
}
