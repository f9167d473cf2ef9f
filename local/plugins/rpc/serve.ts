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

/** One plugin, as it is served to the engine. */
export interface Plugin {
  readonly definition: grpc.ServiceDefinition;
  readonly implementation: grpc.UntypedServiceImplementation;
  /** Cuts short what its calls wait for. */
  readonly abandon: () => void;
}

/**
 * Serves plugins, each on a port of its own of the loopback interface. The first line of standard output says the ports:
 * with one of them it is what the engine reads of a plugin it has started (pulumi sdk/go/common/resource/plugin/plugin.go).
 * Ends when the engine says so (SIGINT) or is gone (end of standard input), but never in the midst of a call: each
 * plugin's `abandon` cuts the waiting short.
 */
export async function serve(plugins: readonly Plugin[]): Promise<void> {
  const ports = await Promise.all(plugins.map(listen));
  process.stdout.write(`${ports.join(" ")}\n`);
  const stop = (): void => {
    stopping = true;
    for (const { abandon } of plugins) abandon();
    if (underWay === 0) {
      process.exit(0);
    }
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  process.stdin.on("end", stop);
  process.stdin.resume();
}

async function listen({ definition, implementation }: Plugin): Promise<number> {
  const server = new grpc.Server({
    "grpc.max_receive_message_length": maxMessage,
    "grpc.max_send_message_length": maxMessage,
  });
  server.addService(definition, implementation);
  return await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) {
        resolve(bound);
      } else {
        reject(error);
      }
    });
  });
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
