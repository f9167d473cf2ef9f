import { spawn } from "node:child_process";
import process from "node:process";
import grpc from "@grpc/grpc-js";
import languageProto from "@pulumi/pulumi/proto/language_pb.js";
import { duringCall } from "../rpc/serve.ts";

type Request = InstanceType<typeof languageProto.InstallDependenciesRequest>;
type Response = InstanceType<typeof languageProto.InstallDependenciesResponse>;

/** `pulumi install`: npm does it, and its output is streamed. */
export const installDependencies: grpc.handleServerStreamingCall<Request, Response> = (call) => {
  void duringCall(async () => {
    const npm = spawn("npm", ["install"], {
      cwd: call.request.getDirectory(),
      env: process.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    npm.stdout.on("data", (chunk: Buffer) => call.write(output(chunk, Buffer.alloc(0))));
    npm.stderr.on("data", (chunk: Buffer) => call.write(output(Buffer.alloc(0), chunk)));
    const failure = await new Promise<string | undefined>((resolve) => {
      npm.on("error", (error) => resolve(`npm could not be started: ${error.message}`));
      npm.on("close", (code) => resolve(code === 0 ? undefined : `npm install ended with exit code ${code ?? "none"}`));
    });
    if (failure === undefined) {
      call.end();
    } else {
      call.emit("error", { code: grpc.status.UNKNOWN, details: failure });
    }
  });
};

function output(stdout: Buffer, stderr: Buffer): Response {
  const response = new languageProto.InstallDependenciesResponse();
  response.setStdout(stdout);
  response.setStderr(stderr);
  return response;
}
