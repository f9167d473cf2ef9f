import { Assertions } from "./assertions.ts";
import { type Catalog } from "./kinds.ts";
import { AppendedFile, assertionsFile } from "./output.ts";

const commands = "workload/commands";
const generateTraffic = `${commands}/generate-traffic.ts`;
const deleteKeys = `${commands}/delete-keys.ts`;

/** Every property the workload states. The first five are those of Antithesis's etcd example, word for word. */
export const properties = {
  "Client can make successful put requests": { kind: "Sometimes", file: generateTraffic },
  "Client put requests can fail": { kind: "Sometimes", file: generateTraffic },
  "Client can make successful get requests": { kind: "Sometimes", file: generateTraffic },
  "Client get requests can fail": { kind: "Sometimes", file: generateTraffic },
  "Database key values stay consistent": { kind: "Always", file: generateTraffic },
  "Every member serves before the first fault": { kind: "Always", file: `${commands}/cluster-serves.ts` },
  "Client can make successful range requests": { kind: "Sometimes", file: deleteKeys },
  "Client can make successful delete requests": { kind: "Sometimes", file: deleteKeys },
  "A range counts what was put and not deleted": { kind: "Always", file: deleteKeys },
  "Key was deleted correctly": { kind: "Always", file: deleteKeys },
  "Completion of a key deleting check": { kind: "Reachable", file: deleteKeys },
  // Runs only in timelines in which the composer chose it.
  "Every recorded history is strictly serializable": {
    kind: "AlwaysOrUnreachable",
    file: `${commands}/check-history.ts`,
  },
  "All members can be read from at once": { kind: "Sometimes", file: `${commands}/health.ts` },
  "No term has two leaders": { kind: "Always", file: `${commands}/health.ts` },
  "All members serve again when the faults are over": {
    kind: "AlwaysOrUnreachable",
    file: `${commands}/recovers.ts`,
  },
  "All members serve at the end": { kind: "AlwaysOrUnreachable", file: `${commands}/nothing-lost.ts` },
  "All members hold the same at one revision": { kind: "AlwaysOrUnreachable", file: `${commands}/nothing-lost.ts` },
  "Every acknowledged write is there at the end": { kind: "AlwaysOrUnreachable", file: `${commands}/nothing-lost.ts` },
} as const satisfies Catalog;

export type WorkloadAssertions = Assertions<typeof properties>;

/** The workload's properties, to be stated in the file that `environment` leads to; see assertionsFile. */
export function workloadAssertions(environment: NodeJS.ProcessEnv): WorkloadAssertions {
  return new Assertions(properties, new AppendedFile(assertionsFile(environment)));
}
