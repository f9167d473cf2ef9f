import { Connection, type CallEvents, type ServerAddress } from "./connection.ts";
import { requestHeaders } from "./headers.ts";
import { codes, GrpcError } from "./status.ts";

/** A call with any number of messages either way. */
export interface Stream {
  send(message: Buffer): void;
  /** Nothing more comes of it. */
  cancel(): void;
}

/** After a connection could not be made, calls fail at once with the same error for so long, in milliseconds. */
const restMs = 20;
/** How often at most a silent connection is asked for a sign of life, and how long that may take. etcd permits one in 5 s. */
const probeEveryMs = 6000;
const pongWithinMs = 1000;

/**
 * Calls to one server, over one connection that is made when it is needed and made anew when it broke. A call is sent at most
 * once.
 */
export class Channel {
  readonly #address: ServerAddress;
  readonly #deadlineMs: number;
  readonly #headers = new Map<string, Buffer>();
  #connection: Connection | undefined;
  #connecting: Promise<Connection> | undefined;
  #refusal: { readonly error: Error; readonly until: number } | undefined;
  #probed = -Infinity;
  #closed = false;

  /** @param deadlineMs how long a connection, and a call with one answer, may take, in milliseconds */
  constructor(address: ServerAddress, deadlineMs: number) {
    this.#address = address;
    this.#deadlineMs = deadlineMs;
  }

  /**
   * One message, one answer.
   * @param path such as "/etcdserverpb.KV/Put"
   * @throws GrpcError
   */
  call<T>(path: string, message: Buffer, read: (answer: Buffer) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      let over = false;
      let value: { readonly read: T } | undefined;
      let cancel: (() => void) | undefined;
      const started = performance.now();
      const timer = setTimeout(() => {
        over = true;
        cancel?.();
        this.#suspect(started);
        reject(new GrpcError(codes.deadlineExceeded, "Deadline exceeded"));
      }, this.#deadlineMs);
      const end = (error: Error | undefined): void => {
        if (over) return;
        over = true;
        clearTimeout(timer);
        if (error !== undefined) reject(error);
        else if (value === undefined) reject(new GrpcError(codes.internal, "the answer has no message"));
        else resolve(value.read);
      };
      const events: CallEvents = {
        message: (answer) => {
          try {
            value = { read: read(answer) };
          } catch (error) {
            end(new GrpcError(codes.internal, error instanceof Error ? error.message : String(error)));
          }
        },
        end,
      };
      this.#withConnection((connection) => {
        if (over) return;
        const stream = connection.start(this.#headersOf(path), message, true, events);
        cancel = () => connection.cancel(stream);
      }, end);
    });
  }

  /** A call with streams of messages, without a deadline. It ends with `events.end`, unless it is cancelled. */
  stream(path: string, first: Buffer, events: CallEvents): Stream {
    let started: { readonly connection: Connection; readonly stream: number } | undefined;
    let cancelled = false;
    this.#withConnection(
      (connection) => {
        if (!cancelled) started = { connection, stream: connection.start(this.#headersOf(path), first, false, events) };
      },
      (error) => events.end(error),
    );
    return {
      send: (message) => started?.connection.send(started.stream, message, false),
      cancel: () => {
        cancelled = true;
        started?.connection.cancel(started.stream);
      },
    };
  }

  close(): void {
    this.#closed = true;
    this.#connection?.close("closed by the client");
    void this.#connecting?.then((connection) => connection.close("closed by the client")).catch(() => undefined);
  }

  #withConnection(use: (connection: Connection) => void, fail: (error: GrpcError) => void): void {
    if (this.#connection?.usable === true) use(this.#connection);
    else this.#connected().then(use, (error: unknown) => fail(asGrpcError(error)));
  }

  #connected(): Promise<Connection> {
    if (this.#closed) throw new Error("this channel is closed");
    if (this.#refusal !== undefined && performance.now() < this.#refusal.until) {
      return Promise.reject(this.#refusal.error);
    }
    this.#connecting ??= Connection.open(this.#address, this.#deadlineMs)
      .then((connection) => (this.#connection = connection))
      .catch((error: unknown) => {
        this.#refusal = { error: asGrpcError(error), until: performance.now() + restMs };
        throw error;
      })
      .finally(() => (this.#connecting = undefined));
    return this.#connecting;
  }

  #headersOf(path: string): Buffer {
    const known = this.#headers.get(path);
    if (known !== undefined) return known;
    const { host, port } = this.#address;
    const made = requestHeaders(`${host}:${port}`, path);
    this.#headers.set(path, made);
    return made;
  }

  /**
   * A call got no answer in its time. If nothing at all was heard meanwhile, the other side may be gone without a word (a
   * pod that was replaced behind a network that lost its last packets): it is asked for a sign of life, and given up without.
   */
  #suspect(since: number): void {
    const connection = this.#connection;
    const now = performance.now();
    if (connection?.usable !== true || connection.lastHeard > since || now - this.#probed < probeEveryMs) return;
    this.#probed = now;
    const timer = setTimeout(() => connection.close(`no sign of life within ${pongWithinMs} ms`), pongWithinMs);
    timer.unref();
    connection.ping(() => clearTimeout(timer));
  }
}

function asGrpcError(error: unknown): GrpcError {
  if (error instanceof GrpcError) return error;
  return new GrpcError(codes.internal, error instanceof Error ? error.message : String(error));
}
