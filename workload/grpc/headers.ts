/**
 * As much of HPACK (RFC 7541) as gRPC needs of it. Our own headers go out as they are, without compression. The server is told
 * that we keep no table (SETTINGS_HEADER_TABLE_SIZE 0), so that each of its blocks can be read for itself.
 */

/** What a request of a method is headed by. */
export function requestHeaders(authority: string, path: string): Buffer {
  return Buffer.concat([
    // Indexed: ":method: POST" and ":scheme: http" (RFC 7541, appendix A).
    Buffer.from([0x83, 0x86]),
    // Literals without indexing; the numbers are those of :path, :authority and content-type in that table.
    Buffer.from([0x04]),
    literal(path),
    Buffer.from([0x01]),
    literal(authority),
    Buffer.from([0x0f, 31 - 15]),
    literal("application/grpc"),
    Buffer.from([0x00]),
    literal("te"),
    literal("trailers"),
  ]);
}

function literal(text: string): Buffer {
  const bytes = Buffer.from(text);
  // 7 bits, then as many more as it takes (RFC 7541, 5.1).
  const length = bytes.length < 127 ? [bytes.length] : [127, ...rest(bytes.length - 127)];
  return Buffer.concat([Buffer.from(length), bytes]);
}

function rest(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...rest(Math.floor(value / 128))];
}

/**
 * Those headers of a block that are written out; the ones that only point into HPACK's static table say nothing gRPC asks for.
 * @throws Error when it is no such block
 */
export function readHeaders(block: Buffer): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  const reader = new BlockReader(block);
  while (!reader.done) {
    const first = reader.peek();
    // Indexed.
    if (first >= 0x80) reader.integer(7);
    // A change of the table's size: it stays at 0.
    else if (first >= 0x20 && first < 0x40) reader.integer(5);
    else {
      const index = reader.integer(first >= 0x40 ? 6 : 4);
      const name = index === 0 ? reader.text() : `static ${index}`;
      headers.set(name, reader.text());
    }
  }
  return headers;
}

class BlockReader {
  readonly #block: Buffer;
  #at = 0;

  constructor(block: Buffer) {
    this.#block = block;
  }

  get done(): boolean {
    return this.#at >= this.#block.length;
  }

  peek(): number {
    const byte = this.#block[this.#at];
    if (byte === undefined) throw new Error("a header block ends in the middle of a header");
    return byte;
  }

  /** An integer with a prefix of so many bits. */
  integer(bits: number): number {
    const most = 2 ** bits - 1;
    let value = this.#next() & most;
    if (value < most) return value;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#next();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  text(): string {
    const packed = this.peek() >= 0x80;
    const size = this.integer(7);
    const bytes = this.#block.subarray(this.#at, this.#at + size);
    if (bytes.length < size) throw new Error("a header block ends in the middle of a text");
    this.#at += size;
    return packed ? unpack(bytes) : bytes.toString("latin1");
  }

  #next(): number {
    const byte = this.peek();
    this.#at += 1;
    return byte;
  }
}

/** The lengths of the Huffman codes of the 256 bytes (RFC 7541, appendix B); the codes follow, as they are canonical. */
const codeLengths =
  "13 23 28 28 28 28 28 28 28 24 30 28 28 30 28 28 28 28 28 28 28 28 30 28 28 28 28 28 28 28 28 28 6 10 10 12 13 6 8 11 10 10 8 " +
  "11 8 6 6 6 5 5 5 6 6 6 6 6 6 6 7 8 15 6 12 10 13 6 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 8 7 8 13 19 13 14 6 15 5 6 5 6 " +
  "5 6 6 6 5 7 7 6 6 6 5 6 7 6 5 5 6 7 7 7 7 7 15 11 14 13 28 20 22 20 20 22 22 22 23 22 23 23 23 23 23 24 23 24 24 22 23 24 23 " +
  "23 23 23 21 22 23 22 23 23 24 22 21 20 22 22 23 23 21 23 22 22 24 21 22 23 23 21 21 22 21 23 22 23 23 20 22 22 22 23 22 22 23 " +
  "26 26 20 19 22 23 22 25 26 26 26 27 27 26 24 25 19 21 26 27 27 26 27 24 21 21 26 26 28 27 27 27 20 24 20 21 22 21 21 23 22 22 " +
  "25 25 24 24 26 23 26 27 26 26 27 27 27 27 27 28 27 27 27 27 27 26";

/** Bytes by "<length of the code> <code>". */
const codes = canonicalCodes(codeLengths.split(" ").map(Number));

function canonicalCodes(lengths: readonly number[]): ReadonlyMap<string, number> {
  const order = lengths
    .map((length, byte) => ({ length, byte }))
    .sort((a, b) => a.length - b.length || a.byte - b.byte);
  const found = new Map<string, number>();
  let [code, before] = [0, order[0]?.length ?? 0];
  for (const { length, byte } of order) {
    code *= 2 ** (length - before);
    found.set(`${length} ${code}`, byte);
    code += 1;
    before = length;
  }
  return found;
}

function unpack(bytes: Buffer): string {
  const text: number[] = [];
  let [code, length] = [0, 0];
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      code = code * 2 + ((byte >> bit) & 1);
      length += 1;
      const found = codes.get(`${length} ${code}`);
      if (found === undefined) continue;
      text.push(found);
      [code, length] = [0, 0];
    }
  }
  return Buffer.from(text).toString("latin1");
}
