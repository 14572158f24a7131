// Packages for LZ4 compile at install or write frames that Kafka's clients refuse (blocks that
// depend on each other); the format is small (lz4_Frame_format.md, lz4_Block_format.md).

const frameMagic = 0x184d2204;
/** Magic, version 1 with independent blocks, blocks up to 64 KiB, checksum: a constant then. */
const header = Buffer.from('04224d18604082', 'hex');
const blockBytes = 64 << 10;
const storedBit = 0x80000000;
/** A block ends with so many literals, and its last match begins so long before its end. */
const lastLiterals = 5;
const lastMatchAt = 12;
const hashBits = 14;
const places = new Int32Array(1 << hashBits);

const damaged = (what: string): RangeError => new RangeError(`lz4: ${what}`);

export function packLz4(bytes: Buffer): Buffer {
  const parts: Buffer[] = [header];
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const block = bytes.subarray(at, at + blockBytes);
    const packed = packBlock(block);
    const stored = packed.length >= block.length;
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32LE(stored ? (storedBit | block.length) >>> 0 : packed.length);
    parts.push(length, stored ? block : packed);
  }
  parts.push(Buffer.alloc(4));
  return Buffer.concat(parts);
}

/** Greedy matches of four bytes or more, found by a hash of the next four. */
function packBlock(bytes: Buffer): Buffer {
  const packed = Buffer.allocUnsafe(bytes.length + Math.ceil(bytes.length / 255) + 16);
  places.fill(-1);
  let to = 0;
  let from = 0;
  for (let at = 0; at <= bytes.length - lastMatchAt; ) {
    const four = bytes.readUInt32LE(at);
    const slot = Math.imul(four, 2_654_435_761) >>> (32 - hashBits);
    const match = places[slot]!;
    places[slot] = at;
    if (match < 0 || at - match > 0xffff || bytes.readUInt32LE(match) !== four) {
      at += 1 + ((at - from) >> 6); // faster where nothing repeats
      continue;
    }
    let length = 4;
    const most = bytes.length - lastLiterals - at;
    while (length < most && bytes[at + length] === bytes[match + length]) length++;
    to = putLiterals(bytes, from, at, packed, to, length - 4);
    packed.writeUInt16LE(at - match, to);
    to = putLength(packed, to + 2, length - 4);
    at += length;
    from = at;
  }
  to = putLiterals(bytes, from, bytes.length, packed, to, 0);
  return packed.subarray(0, to);
}

/** Token, literals' length and literals; gives the end of them. */
function putLiterals(
  bytes: Buffer,
  from: number,
  end: number,
  packed: Buffer,
  to: number,
  matchLength: number,
): number {
  packed[to] = (Math.min(15, end - from) << 4) | Math.min(15, matchLength);
  const at = putLength(packed, to + 1, end - from);
  bytes.copy(packed, at, from, end);
  return at + end - from;
}

/** What of a length the four bits of a token do not hold. */
function putLength(packed: Buffer, to: number, length: number): number {
  if (length < 15) return to;
  let at = to;
  let rest = length - 15;
  for (; rest >= 255; rest -= 255) packed[at++] = 255;
  packed[at++] = rest;
  return at;
}

/** @throws RangeError where it is no whole frame, or larger than `bytesMax` */
export function unpackLz4(packed: Buffer, bytesMax: number): Buffer {
  if (packed.length < 7 || packed.readUInt32LE(0) !== frameMagic) throw damaged('no frame');
  const flags = packed[4]!;
  const hasSize = (flags & 8) !== 0;
  const sumBytes = (flags & 16) === 0 ? 0 : 4;
  const largest = 1 << (8 + 2 * ((packed[5]! >> 4) & 7));
  let bytes = Buffer.allocUnsafe(Math.min(bytesMax, 4 * packed.length));
  let to = 0;
  let at = 7 + (hasSize ? 8 : 0) + ((flags & 1) === 0 ? 0 : 4);
  for (;;) {
    if (at + 4 > packed.length) throw damaged('the frame is cut off');
    const word = packed.readUInt32LE(at);
    at += 4;
    if (word === 0) return bytes.subarray(0, to);
    const isStored = word >= storedBit;
    const end = at + (isStored ? word - storedBit : word);
    if (end > packed.length) throw damaged('a block is cut off');
    if (to + largest > bytes.length) {
      if (to > bytesMax) throw damaged(`more than ${bytesMax} bytes`);
      const wider = Buffer.allocUnsafe(Math.max(2 * bytes.length, to + largest));
      bytes.copy(wider, 0, 0, to);
      bytes = wider;
    }
    to = isStored ? to + packed.copy(bytes, to, at, end) : unpackBlock(packed, at, end, bytes, to);
    at = end + sumBytes;
  }
}

function unpackBlock(packed: Buffer, start: number, end: number, bytes: Buffer, first: number) {
  let at = start;
  let to = first;
  const lengthFrom = (four: number): number => {
    let length = four;
    if (four < 15) return length;
    let more: number;
    do {
      if (at >= end) throw damaged('a length is cut off');
      more = packed[at++]!;
      length += more;
    } while (more === 255);
    return length;
  };
  while (at < end) {
    const token = packed[at++]!;
    const literals = lengthFrom(token >> 4);
    if (at + literals > end || to + literals > bytes.length) throw damaged('literals are cut off');
    packed.copy(bytes, to, at, at + literals);
    at += literals;
    to += literals;
    if (at >= end) return to;
    const back = packed.readUInt16LE(at);
    at += 2;
    const length = lengthFrom(token & 15) + 4;
    if (back === 0 || back > to || to + length > bytes.length) throw damaged('a match is nowhere');
    // A match may reach into what it writes, byte by byte.
    for (const stop = to + length; to < stop; to++) bytes[to] = bytes[to - back]!;
  }
  return to;
}
