/** Castagnoli's polynomial, bits reversed. */
const polynomial = 0x82f63b78;
/** Table `s` is what a byte followed by `s` zero bytes gives: eight bytes are taken at once. */
const slices = 8;

function makeTables(): Int32Array {
  const tables = new Int32Array(slices * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    tables[byte] = crc;
  }
  for (let at = 256; at < tables.length; at++) {
    const before = tables[at - 256]!;
    tables[at] = (before >>> 8) ^ tables[before & 0xff]!;
  }
  return tables;
}

const T = makeTables();

/**
 * CRC-32C of the bytes, 0 to 2³² − 1, as Kafka's record batches carry it. 8 bytes at a time (Intel,
 * 2006).
 */
export function crc32c(bytes: Uint8Array): number {
  let crc = -1;
  let at = 0;
  const { length } = bytes;
  for (const end = length - 7; at < end; at += 8) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      T[1792 + (crc & 0xff)]! ^
      T[1536 + ((crc >>> 8) & 0xff)]! ^
      T[1280 + ((crc >>> 16) & 0xff)]! ^
      T[1024 + (crc >>> 24)]! ^
      T[768 + bytes[at + 4]!]! ^
      T[512 + bytes[at + 5]!]! ^
      T[256 + bytes[at + 6]!]! ^
      T[bytes[at + 7]!]!;
  }
  for (; at < length; at++) crc = T[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  return (crc ^ -1) >>> 0;
}
