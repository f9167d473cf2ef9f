/** The frames of HTTP/2 (RFC 9113, 4.1 and 6), as far as a client of gRPC meets them. */

export const frameTypes = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const flags = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

export const headerSize = 9;

/** Writes a frame's header; its payload follows it. */
export function writeFrameHeader(
  target: Buffer,
  at: number,
  size: number,
  type: number,
  flag: number,
  stream: number,
): number {
  target.writeUIntBE(size, at, 3);
  target[at + 3] = type;
  target[at + 4] = flag;
  target.writeUInt32BE(stream, at + 5);
  return at + headerSize;
}

export function frame(type: number, flag: number, stream: number, payload: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(headerSize + payload.length);
  payload.copy(bytes, writeFrameHeader(bytes, 0, payload.length, type, flag, stream));
  return bytes;
}

export function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32BE(value, index * 4));
  return bytes;
}

export type OnFrame = (type: number, flag: number, stream: number, payload: Buffer) => void;

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  readonly #onFrame: OnFrame;
  #rest: Buffer | undefined;

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame;
  }

  push(chunk: Buffer): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = undefined;
    let at = 0;
    while (bytes.length - at >= headerSize) {
      const size = bytes.readUIntBE(at, 3);
      const end = at + headerSize + size;
      if (end > bytes.length) break;
      // The highest bit of a stream's number is reserved.
      const stream = bytes.readUInt32BE(at + 5) & 0x7fffffff;
      this.#onFrame(bytes[at + 3] ?? 0, bytes[at + 4] ?? 0, stream, bytes.subarray(at + headerSize, end));
      at = end;
    }
    if (at < bytes.length) this.#rest = bytes.subarray(at);
  }
}
