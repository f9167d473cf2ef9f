import { Assertions } from "./assertions.ts";
import { type Catalog } from "./kinds.ts";
import { AppendedFile, assertionsFile } from "./output.ts";

const generateTraffic = "workload/commands/generate-traffic.ts";

/** Every property the workload states. The first five are those of Antithesis's etcd example, word for word. */
export const properties = {
  "Client can make successful put requests": { kind: "Sometimes", file: generateTraffic },
  "Client put requests can fail": { kind: "Sometimes", file: generateTraffic },
  "Client can make successful get requests": { kind: "Sometimes", file: generateTraffic },
  "Client get requests can fail": { kind: "Sometimes", file: generateTraffic },
  "Database key values stay consistent": { kind: "Always", file: generateTraffic },
} as const satisfies Catalog;

export type WorkloadAssertions = Assertions<typeof properties>;

/** The workload's properties, to be stated in the file that `environment` leads to; see assertionsFile. */
export function workloadAssertions(environment: NodeJS.ProcessEnv): WorkloadAssertions {
  return new Assertions(properties, new AppendedFile(assertionsFile(environment)));
}
