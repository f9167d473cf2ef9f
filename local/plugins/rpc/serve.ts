import process from "node:process";
import grpc from "@grpc/grpc-js";

/** The engine allows its plugins messages of this size (pulumi sdk/go/common/util/rpcutil/grpc.go), in bytes. */
const maxMessage = 400 * 1024 * 1024;

let underWay = 0;
let stopping = false;

/** Counts a call as under way until it is done: the process does not end before. */
export async function duringCall<T>(work: () => Promise<T>): Promise<T> {
  underWay += 1;
  try {
    return await work();
  } finally {
    underWay -= 1;
    if (stopping && underWay === 0) {
      // The response must leave the process first.
      setTimeout(() => process.exit(0), 20);
    }
  }
}

/**
 * Serves a plugin's gRPC services as the engine expects it: on a port of the loopback interface, which it reads from the
 * first line of standard output (pulumi sdk/go/common/resource/plugin/plugin.go). Ends when the engine says so (SIGINT)
 * or is gone (end of standard input), but never in the midst of a call: `abandon` is told to cut the waiting short.
 */
export async function servePlugin(
  services: readonly { definition: grpc.ServiceDefinition; implementation: grpc.UntypedServiceImplementation }[],
  abandon: () => void,
): Promise<void> {
  const server = new grpc.Server({
    "grpc.max_receive_message_length": maxMessage,
    "grpc.max_send_message_length": maxMessage,
  });
  for (const { definition, implementation } of services) {
    server.addService(definition, implementation);
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) {
        resolve(bound);
      } else {
        reject(error);
      }
    });
  });
  process.stdout.write(`${port}\n`);
  const stop = (): void => {
    stopping = true;
    abandon();
    if (underWay === 0) {
      process.exit(0);
    }
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  process.stdin.on("end", stop);
  process.stdin.resume();
}

/** The address of the engine: the last argument a plugin is started with. */
export function engineAddress(): string {
  const address = process.argv.at(-1);
  if (process.argv.length < 3 || address === undefined) {
    process.stderr.write(
      "error: this is a Pulumi plugin: the Pulumi engine starts it, with its own address as argument\n",
    );
    process.exit(2);
  }
  return address;
}
