import { connect, type Socket } from "node:net";
import { flags, frame, FrameReader, frameTypes, numbers } from "./frames.ts";
import { SendWindow } from "./send-window.ts";
import { codes, GrpcError, statusOf } from "./status.ts";

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** What becomes of a call. */
export interface CallEvents {
  message(bytes: Buffer): void;
  /** The last word; undefined: OK. */
  end(error: GrpcError | undefined): void;
}

interface Call {
  readonly events: CallEvents;
  /** Of a message that has not come to its end: what has come, and how long it must get before there is something to do. */
  parts: Buffer[];
  length: number;
  needed: number;
  received: number;
}

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/** Of the protocol (RFC 9113, 6.5.2). */
const settings = { headerTableSize: 1, enablePush: 2, initialWindow: 4, maxFrame: 5 } as const;
const initialWindow = 65_535;
const largestWindow = 2 ** 31 - 1;
const cancelled = 8;
const refused = 7;
/** What was received is acknowledged, so that more may come, each time so much of the window is used up. */
const windowStep = 2 ** 24;
const prefixSize = 5;

/**
 * One HTTP/2 connection to one gRPC server, with any number of calls at once. Nothing is repeated and nothing hidden: each
 * call ends with what the server said of it, or with what happened to the connection. What is sent within one turn of the event
 * loop goes out at its end in one piece.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #reader = new FrameReader((type, flag, stream, payload) => this.#take(type, flag, stream, payload));
  readonly #calls = new Map<number, Call>();
  readonly #window: SendWindow;
  #nextStream = 1;
  #waiting: Buffer[] = [];
  #received = 0;
  #headers: { stream: number; flag: number; block: Buffer } | undefined;
  #okTrailers: Buffer | undefined;
  #onPong: (() => void)[] = [];
  #goingAway = false;
  #closed = false;
  /** When bytes last came, by performance.now(). */
  lastHeard = performance.now();

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#window = new SendWindow((bytes) => this.#write(bytes));
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#hear(chunk));
    socket.on("error", (error) => this.#close(error.message));
    socket.on("close", () => this.#close("closed by the server"));
    const ours = Buffer.alloc(18);
    [
      [settings.headerTableSize, 0],
      [settings.enablePush, 0],
      [settings.initialWindow, largestWindow],
    ].forEach(([id = 0, value = 0], index) => {
      ours.writeUInt16BE(id, index * 6);
      ours.writeUInt32BE(value, index * 6 + 2);
    });
    this.#write(Buffer.from(preface));
    this.#write(frame(frameTypes.settings, 0, 0, ours));
    this.#write(frame(frameTypes.windowUpdate, 0, 0, numbers(largestWindow - initialWindow)));
  }

  /**
   * @param withinMs milliseconds
   * @throws GrpcError UNAVAILABLE "No connection established: …"
   */
  static open({ host, port }: ServerAddress, withinMs: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port });
      const give = (why: string) => {
        clearTimeout(timer);
        socket.destroy();
        reject(new GrpcError(codes.unavailable, `No connection established: ${why}`));
      };
      const timer = setTimeout(() => give(`none within ${withinMs} ms`), withinMs);
      const refuse = (error: Error) => give(error.message);
      socket.once("error", refuse);
      socket.once("connect", () => {
        clearTimeout(timer);
        socket.off("error", refuse);
        resolve(new Connection(socket));
      });
    });
  }

  /** Whether calls may be started on it. */
  get usable(): boolean {
    return !this.#closed && !this.#goingAway;
  }

  /**
   * Starts a call with its first message.
   * @param last whether it is the only one
   * @returns number of the call's stream
   */
  start(headers: Buffer, message: Buffer, last: boolean, events: CallEvents): number {
    const stream = this.#nextStream;
    this.#nextStream += 2;
    this.#calls.set(stream, { events, parts: [], length: 0, needed: prefixSize, received: 0 });
    this.#write(frame(frameTypes.headers, flags.endHeaders, stream, headers));
    this.send(stream, message, last);
    return stream;
  }

  /** Sends another message of a call. */
  send(stream: number, message: Buffer, last: boolean): void {
    const body = Buffer.allocUnsafe(prefixSize + message.length);
    body[0] = 0;
    body.writeUInt32BE(message.length, 1);
    message.copy(body, prefixSize);
    this.#window.send(stream, body, last);
  }

  /** Tells the server that nobody waits for the answer any more; the call has no more events. */
  cancel(stream: number): void {
    if (!this.#calls.delete(stream) || this.#closed) return;
    this.#window.forget(stream);
    this.#write(frame(frameTypes.reset, 0, stream, numbers(cancelled)));
  }

  ping(onPong: () => void): void {
    this.#onPong.push(onPong);
    this.#write(frame(frameTypes.ping, 0, 0, Buffer.alloc(8)));
  }

  /** Ends the connection and all calls on it. */
  close(why: string): void {
    this.#close(why);
  }

  #write(bytes: Buffer): void {
    if (this.#closed) return;
    if (this.#waiting.push(bytes) === 1) process.nextTick(() => this.#flush());
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (!this.#closed && waiting.length > 0) this.#socket.write(Buffer.concat(waiting));
  }

  #hear(chunk: Buffer): void {
    this.lastHeard = performance.now();
    try {
      this.#reader.push(chunk);
    } catch (error) {
      this.#close(error instanceof Error ? error.message : String(error));
    }
  }

  #take(type: number, flag: number, stream: number, payload: Buffer): void {
    switch (type) {
      case frameTypes.data: {
        this.#takeData(flag, stream, payload);
        return;
      }
      case frameTypes.headers: {
        this.#takeHeaders(flag, stream, payload);
        return;
      }
      case frameTypes.continuation:
        if (this.#headers !== undefined) this.#headers.block = Buffer.concat([this.#headers.block, payload]);
        {
          this.#endHeaders(flag);
          return;
        }
      case frameTypes.reset: {
        this.#takeReset(stream, payload.readUInt32BE(0));
        return;
      }
      case frameTypes.settings: {
        this.#takeSettings(flag, payload);
        return;
      }
      case frameTypes.ping:
        if ((flag & flags.ack) === 0) this.#write(frame(frameTypes.ping, flags.ack, 0, payload));
        else this.#onPong.shift()?.();
        return;
      case frameTypes.goAway: {
        this.#takeGoAway(payload.readUInt32BE(0) & 0x7fffffff);
        return;
      }
      case frameTypes.windowUpdate: {
        this.#window.open(stream, payload.readUInt32BE(0) & 0x7fffffff);
        return;
      }
      default:
    }
  }

  #takeData(flag: number, stream: number, payload: Buffer): void {
    this.#received += payload.length;
    if (this.#received >= windowStep) {
      this.#write(frame(frameTypes.windowUpdate, 0, 0, numbers(this.#received)));
      this.#received = 0;
    }
    const call = this.#calls.get(stream);
    if (call === undefined) return;
    call.received += payload.length;
    if (call.received >= windowStep) {
      this.#write(frame(frameTypes.windowUpdate, 0, stream, numbers(call.received)));
      call.received = 0;
    }
    takeMessages(call, unpadded(flag, payload));
  }

  #takeHeaders(flag: number, stream: number, payload: Buffer): void {
    const block = unpadded(flag, payload);
    this.#headers = { stream, flag, block: (flag & flags.priority) === 0 ? block : block.subarray(5) };
    this.#endHeaders(flag);
  }

  /** Only the last headers of a call say how it ended; those at its begin can be left unread, as there is no table to keep. */
  #endHeaders(flag: number): void {
    const headers = this.#headers;
    if (headers === undefined || (flag & flags.endHeaders) === 0) return;
    this.#headers = undefined;
    if ((headers.flag & flags.endStream) === 0) return;
    const { stream, block } = headers;
    if (this.#okTrailers?.equals(block)) {
      this.#finish(stream, undefined);
      return;
    }
    const status = statusOf(block);
    if (status === undefined) this.#okTrailers = Buffer.from(block);
    this.#finish(stream, status);
  }

  #takeReset(stream: number, reason: number): void {
    const error =
      reason === refused
        ? new GrpcError(codes.unavailable, "The request was never processed: the server refused its stream")
        : new GrpcError(codes.internal, `Received RST_STREAM with code ${reason}`);
    this.#finish(stream, error);
  }

  #takeSettings(flag: number, payload: Buffer): void {
    if ((flag & flags.ack) !== 0) return;
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      const [id, value] = [payload.readUInt16BE(at), payload.readUInt32BE(at + 2)];
      if (id === settings.initialWindow) this.#window.setInitial(value);
      else if (id === settings.maxFrame) this.#window.setMaxFrame(value);
    }
    this.#write(frame(frameTypes.settings, flags.ack, 0, Buffer.alloc(0)));
  }

  /** The server answers the calls up to this one and has not looked at those after it. */
  #takeGoAway(last: number): void {
    this.#goingAway = true;
    for (const stream of [...this.#calls.keys()]) {
      if (stream <= last) continue;
      this.#finish(stream, new GrpcError(codes.unavailable, "The request was never processed: the server goes away"));
    }
    if (this.#calls.size === 0) this.#close("the server goes away");
  }

  #finish(stream: number, error: GrpcError | undefined): void {
    const call = this.#calls.get(stream);
    if (call === undefined) return;
    this.#calls.delete(stream);
    this.#window.forget(stream);
    call.events.end(error);
    if (this.#goingAway && this.#calls.size === 0) this.#close("the server goes away");
  }

  #close(why: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.destroy();
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const { events } of calls) events.end(new GrpcError(codes.unavailable, `Connection dropped: ${why}`));
  }
}

/** Puts together the messages of a call, each of which has its length before it. */
function takeMessages(call: Call, payload: Buffer): void {
  call.length += payload.length;
  if (call.length < call.needed) {
    // Copied: it would hold on to all that came with it.
    call.parts.push(Buffer.from(payload));
    return;
  }
  const bytes = call.parts.length === 0 ? payload : Buffer.concat([...call.parts, payload]);
  let at = 0;
  call.needed = prefixSize;
  while (bytes.length - at >= prefixSize) {
    const size = prefixSize + bytes.readUInt32BE(at + 1);
    if (at + size > bytes.length) {
      call.needed = size;
      break;
    }
    call.events.message(bytes.subarray(at + prefixSize, at + size));
    at += size;
  }
  call.parts = at < bytes.length ? [Buffer.from(bytes.subarray(at))] : [];
  call.length = bytes.length - at;
}

/** Frames may be filled up with bytes that mean nothing (RFC 9113, 6.1). */
function unpadded(flag: number, payload: Buffer): Buffer {
  return (flag & flags.padded) === 0 ? payload : payload.subarray(1, payload.length - (payload[0] ?? 0));
}
