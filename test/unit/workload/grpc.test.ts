import assert from "node:assert/strict";
import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import { createServer as createTcpServer, type AddressInfo, type Socket } from "node:net";
import { Channel } from "../../../workload/grpc/channel.ts";
import { readHeaders, requestHeaders } from "../../../workload/grpc/headers.ts";
import { MessageReader, MessageWriter } from "../../../workload/grpc/protobuf.ts";
import { GrpcError } from "../../../workload/grpc/status.ts";

type Answer = (stream: ServerHttp2Stream, request: Buffer) => void;

/** A gRPC server on Node's own HTTP/2, which knows nothing of the client under test. */
class Server {
  readonly #server: Http2Server;
  readonly sessions: ServerHttp2Session[] = [];
  headers: Record<string, unknown> = {};
  answer: Answer = (stream, request) => this.reply(stream, request);

  constructor(settings: object = {}) {
    this.#server = createServer({ settings });
    this.#server.on("session", (session) => this.sessions.push(session));
    this.#server.on("stream", (stream, headers) => {
      this.headers = headers;
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("error", () => undefined);
      stream.on("end", () => this.answer(stream, Buffer.concat(chunks).subarray(5)));
    });
  }

  async start(deadlineMs: number): Promise<Channel> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const { port } = this.#server.address() as AddressInfo;
    return new Channel({ host: "127.0.0.1", port }, deadlineMs);
  }

  reply(stream: ServerHttp2Stream, message: Buffer, status = "0", text = ""): void {
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": status, "grpc-message": text }));
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    stream.end(status === "0" ? Buffer.concat([prefix, message]) : Buffer.alloc(0));
  }

  stop(): void {
    for (const session of this.sessions) session.destroy();
    this.#server.close();
  }
}

const echo = (bytes: Buffer) => Buffer.from(bytes);

describe("a gRPC channel", () => {
  let server: Server;
  let channel: Channel;

  async function begin(settings: object = {}, deadlineMs = 2000): Promise<void> {
    server = new Server(settings);
    channel = await server.start(deadlineMs);
  }

  afterEach(() => {
    channel.close();
    server.stop();
  });

  const call = (message: Buffer) => channel.call("/test.Echo/Say", message, echo);
  const failure = (message = Buffer.from("x")) =>
    call(message).then(
      () => assert.fail("no error"),
      (error: unknown) => (error instanceof GrpcError ? error : assert.fail(String(error))),
    );

  it("calls a method as gRPC has it, many at once over one connection", async () => {
    await begin();
    const messages = Array.from({ length: 200 }, (_, number) => Buffer.from(`message ${number}`));
    assert.deepEqual(await Promise.all(messages.map(call)), messages);
    assert.equal(server.sessions.length, 1);
    const { ":method": method, ":path": path, ":scheme": scheme, "content-type": type, te } = server.headers;
    assert.deepEqual(
      [method, path, scheme, type, te],
      ["POST", "/test.Echo/Say", "http", "application/grpc", "trailers"],
    );
  });

  it("keeps within the server's windows and frame sizes, in both directions", async () => {
    await begin({ initialWindowSize: 50_000, maxFrameSize: 16_384 }, 30_000);
    const large = Buffer.alloc(2_000_000, "abc");
    const [one, two, small] = await Promise.all([call(large), call(large), call(Buffer.from("small"))]);
    assert.ok(one.equals(large) && two.equals(large) && small.toString() === "small");
    // More than one window of the whole connection.
    for (let round = 0; round < 8; round++) assert.equal((await call(large)).length, large.length);
  }).timeout(60_000);

  it("tells the server's status and its text", async () => {
    await begin();
    server.answer = (stream) =>
      server.reply(stream, Buffer.alloc(0), "9", "etcdserver: no%20way €".replace("€", "%E2%82%AC"));
    const { code, message } = await failure();
    assert.deepEqual([code, message], [9, "9 FAILED_PRECONDITION: etcdserver: no way €"]);
  });

  it("tells a server that is none of gRPC", async () => {
    await begin();
    server.answer = (stream) => {
      stream.respond({ ":status": 404 }, { endStream: true });
    };
    assert.match((await failure()).message, /^2 UNKNOWN: the answer has no gRPC status/);
  });

  it("gives a call up at its deadline, tells the server, and goes on", async () => {
    await begin();
    const ended = new Promise((resolve) => {
      server.answer = (stream) => void stream.on("aborted", resolve);
    });
    assert.equal((await failure()).code, 4);
    await ended;
    server.answer = (stream, request) => server.reply(stream, request);
    assert.equal((await call(Buffer.from("again"))).toString(), "again");
    assert.equal(server.sessions.length, 1);
  }).timeout(10_000);

  it("knows which requests were never processed", async () => {
    await begin();
    server.answer = (stream) => stream.close(7);
    assert.match((await failure()).message, /^14 UNAVAILABLE: The request was never processed/);
    server.answer = (stream) => stream.close(2);
    assert.match((await failure()).message, /^13 INTERNAL: Received RST_STREAM with code 2/);
  });

  it("says that a connection broke under a call, and makes another for the next", async () => {
    await begin();
    server.answer = (stream) => stream.session?.destroy();
    assert.match((await failure()).message, /^14 UNAVAILABLE: Connection dropped/);
    server.answer = (stream, request) => server.reply(stream, request);
    assert.equal((await call(Buffer.from("again"))).toString(), "again");
    assert.equal(server.sessions.length, 2);
  });

  it("lets running calls end when the server goes away, and starts new ones on another connection", async () => {
    await begin();
    const waiting: (() => void)[] = [];
    server.answer = (stream, request) => void waiting.push(() => server.reply(stream, request));
    const first = call(Buffer.from("first"));
    while (waiting.length === 0) await new Promise(setImmediate);
    server.sessions[0]?.goaway(0, 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    server.answer = (stream, request) => server.reply(stream, request);
    assert.equal((await call(Buffer.from("second"))).toString(), "second");
    waiting[0]?.();
    assert.equal((await first).toString(), "first");
    assert.equal(server.sessions.length, 2);
  });

  it("says at once that there is no connection, where nobody listens", async () => {
    await begin();
    server.stop();
    channel.close();
    channel = new Channel({ host: "127.0.0.1", port: 1 }, 2000);
    const started = performance.now();
    assert.match((await failure()).message, /^14 UNAVAILABLE: No connection established: connect ECONNREFUSED/);
    assert.ok(performance.now() - started < 1000);
  });
});

describe("a gRPC channel to a server that falls silent", () => {
  it("gives its connection up when nothing at all is heard any more, and makes another", async () => {
    const sockets: Socket[] = [];
    const silent = createTcpServer((socket) => void sockets.push(socket));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    const channel = new Channel({ host: "127.0.0.1", port }, 200);
    const call = () => channel.call("/test.Echo/Say", Buffer.from("x"), echo).catch((error: unknown) => String(error));
    assert.match(String(await call()), /4 DEADLINE_EXCEEDED/);
    assert.match(String(await call()), /4 DEADLINE_EXCEEDED/);
    assert.equal(sockets.length, 1);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    await call();
    assert.equal(sockets.length, 2);
    channel.close();
    for (const socket of sockets) socket.destroy();
    silent.close();
  }).timeout(10_000);
});

describe("the encoding of messages", () => {
  it("keeps 64-bit numbers exact", () => {
    for (const digits of ["0", "127", "128", "9007199254740993", "7587893749329874321", "9223372036854775807"]) {
      const bytes = new MessageWriter().text(1, "ü").decimal(2, digits).number(3, true).finish();
      const reader = new MessageReader(bytes);
      assert.deepEqual([reader.next(), reader.text()], [1, "ü"]);
      assert.deepEqual([reader.next(), reader.decimal()], [2, digits]);
      assert.deepEqual([reader.next(), reader.number(), reader.next()], [3, 1, 0]);
    }
  });

  it("passes over what nobody asked for, and refuses what is cut off", () => {
    const bytes = new MessageWriter().message(9, Buffer.from("inner")).number(1, 300).finish();
    const reader = new MessageReader(bytes);
    assert.equal(reader.next(), 9);
    reader.skip();
    assert.deepEqual([reader.next(), reader.number()], [1, 300]);
    const torn = new MessageReader(bytes.subarray(0, 4));
    torn.next();
    assert.throws(() => torn.text(), /ends in the middle of a field/);
  });

  it("reads headers packed as in the examples of RFC 7541, C.4.1 and C.6.1", () => {
    const bytes = (hex: string) => Buffer.from(hex.replaceAll(" ", ""), "hex");
    const request = readHeaders(bytes("8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff"));
    assert.deepEqual([...request.values()], ["www.example.com"]);
    const response = readHeaders(
      bytes(
        "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
      ),
    );
    assert.deepEqual(
      [...response.values()],
      ["302", "private", "Mon, 21 Oct 2013 20:13:21 GMT", "https://www.example.com"],
    );
  });

  it("writes a long path as HPACK has it", () => {
    const path = `/${"x".repeat(300)}`;
    const block = requestHeaders("etcd-0.etcd:2379", path);
    assert.ok([...readHeaders(block.subarray(2)).values()].includes(path));
  });
});
