import assert from "node:assert/strict";
import grpc from "@grpc/grpc-js";
import engineService from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb.js";
import { EngineReporter } from "../../../local/plugins/rpc/engine.ts";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";

describe("what a plugin tells the engine", () => {
  const received: string[] = [];
  let server: grpc.Server;
  let reporter: EngineReporter;

  before(async () => {
    server = new grpc.Server();
    server.addService(
      { log: engineService.EngineService.log },
      {
        log: ({ request }: { request: LogRequest }, answer: grpc.sendUnaryData<unknown>) => {
          const stream = request.getStreamid() === 0 ? "" : ` of stream ${request.getStreamid()}`;
          const kind = request.getEphemeral() ? "status" : "log";
          received.push(`${kind}${stream} ${request.getUrn()} ${request.getMessage()}`);
          answer(null, new emptyProto.Empty());
        },
      },
    );
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      ),
    );
    reporter = new EngineReporter(`127.0.0.1:${port}`);
  });

  after(() => server.forceShutdown());

  it("is each line of a program that says something, as the engine reads it from a plugin", async () => {
    reporter.line("  one", 1);
    reporter.line(" ", 1);
    reporter.line("two", 2);
    await reporter.flush();
    assert.deepEqual(received.splice(0), ["log of stream 1    one\n", "log of stream 2  two\n"]);
  });

  it("is each state of a resource once, and every message", async () => {
    reporter.status("a", "");
    reporter.status("a", "0 of 3");
    reporter.status("b", "0 of 3");
    reporter.status("a", "0 of 3");
    reporter.log("info", "a", "note");
    reporter.log("info", "a", "note");
    reporter.status("a", "1 of 3");
    reporter.status("a", "0 of 3");
    reporter.status("a", "");
    await reporter.flush();
    assert.deepEqual(received, [
      "status a 0 of 3",
      "status b 0 of 3",
      "log a note",
      "log a note",
      "status a 1 of 3",
      "status a 0 of 3",
      "status a ",
    ]);
  });
});
