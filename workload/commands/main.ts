import { clusterServes } from "./cluster-serves.ts";
import { checkHistory } from "./check-history.ts";
import { deleteKeys } from "./delete-keys.ts";
import { generateTraffic } from "./generate-traffic.ts";
import { health } from "./health.ts";
import { nothingLost } from "./nothing-lost.ts";
import { recovers } from "./recovers.ts";
import { runSetupComplete } from "./setup-complete.ts";
import { runTestCommand } from "./test-command.ts";
import { traffic } from "./traffic.ts";

/** Everything that runs in a client pod, in one program: its first argument says what, and scripts of that name start it. */
const testCommands = [clusterServes, generateTraffic, deleteKeys, checkHistory, health, recovers, nothingLost];

async function main([name = "", ...args]: readonly string[]): Promise<number> {
  const command = testCommands.find((each) => each.name === name);
  if (command !== undefined) return runTestCommand(command, args);
  if (name === "traffic") return traffic(args);
  if (name === "setup-complete") return runSetupComplete(args);
  const known = [...testCommands.map((each) => each.name), "traffic", "setup-complete"];
  console.error(`error: there is no command "${name}": expected ${known.join(", ")}`);
  return 2;
}

// What nobody waits for any more, such as a name that DNS does not answer, must not keep a command from ending;
// what it wrote is written (Linux: files and pipes are written to before a write returns).
void main(process.argv.slice(2)).then((code) => process.exit(code));
