import { flags, frame, frameTypes } from "./frames.ts";

interface Waiting {
  readonly stream: number;
  rest: Buffer;
  readonly last: boolean;
}

/**
 * Sends bodies as far as the server's windows allow (RFC 9113, 5.2), the connection's and each stream's, in frames of the size it
 * takes; what is left waits for it to open them.
 */
export class SendWindow {
  readonly #write: (bytes: Buffer) => void;
  readonly #streams = new Map<number, number>();
  #connection = 65_535;
  #initial = 65_535;
  #maxFrame = 16_384;
  #waiting: Waiting[] = [];

  constructor(write: (bytes: Buffer) => void) {
    this.#write = write;
  }

  send(stream: number, body: Buffer, last: boolean): void {
    // Nearly all bodies are small and find their window open.
    const known = this.#streams.get(stream);
    const window = known ?? this.#initial;
    const fits = body.length <= this.#maxFrame && body.length <= this.#connection && body.length <= window;
    if (this.#waiting.length === 0 && fits) {
      this.#connection -= body.length;
      if (!last || known !== undefined) this.#streams.set(stream, window - body.length);
      this.#write(frame(frameTypes.data, last ? flags.endStream : 0, stream, body));
      return;
    }
    this.#waiting.push({ stream, rest: body, last });
    this.#go();
  }

  /** The server has room for so much more: of a stream, or, for 0, of the connection. */
  open(stream: number, size: number): void {
    if (stream === 0) this.#connection += size;
    else if (this.#streams.has(stream)) this.#streams.set(stream, (this.#streams.get(stream) ?? 0) + size);
    this.#go();
  }

  setInitial(size: number): void {
    for (const [stream, window] of this.#streams) this.#streams.set(stream, window + size - this.#initial);
    this.#initial = size;
    this.#go();
  }

  setMaxFrame(size: number): void {
    this.#maxFrame = size;
  }

  /** The stream has come to its end. */
  forget(stream: number): void {
    this.#streams.delete(stream);
    if (this.#waiting.length > 0) this.#waiting = this.#waiting.filter((each) => each.stream !== stream);
  }

  #go(): void {
    this.#waiting = this.#waiting.filter((waiting) => !this.#sendSome(waiting));
  }

  /** True when all of it is sent. */
  #sendSome(waiting: Waiting): boolean {
    const { stream, last } = waiting;
    for (;;) {
      const window = this.#streams.get(stream) ?? this.#initial;
      const size = Math.min(waiting.rest.length, this.#maxFrame, this.#connection, window);
      if (size <= 0) return false;
      const part = waiting.rest.subarray(0, size);
      waiting.rest = waiting.rest.subarray(size);
      this.#connection -= size;
      this.#streams.set(stream, window - size);
      const done = waiting.rest.length === 0;
      this.#write(frame(frameTypes.data, done && last ? flags.endStream : 0, stream, part));
      if (done) return true;
    }
  }
}
