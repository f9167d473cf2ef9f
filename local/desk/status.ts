import { setTimeout as sleep } from "node:timers/promises";
import { Cluster } from "../../desk/cluster.ts";
import { statusReport, statusText, type StatusReport } from "../../desk/status-view.ts";
import { UserError } from "../errors.ts";
import { findStack, type StackOptions, type StackPlace } from "./stack-place.ts";

const WATCH_EVERY_MS = 2_000;

export interface StatusOptions extends StackOptions {
  readonly json: boolean;
  readonly watch: boolean;
}

/**
 * Prints a cluster's members and what differs from what is declared.
 *
 * @returns 0 where everything is as declared, 1 where not
 */
export async function status(options: StatusOptions): Promise<number> {
  const found = await findStack(options);
  const cluster = new Cluster(found.place, found.outputs.statefulSetName);
  for (;;) {
    const report = await look(found, cluster);
    if (options.watch && process.stdout.isTTY && !options.json) process.stdout.write("\u001b[2J\u001b[H");
    process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : statusText(report));
    if (!options.watch) return report.differences.length === 0 ? 0 : 1;
    await sleep(WATCH_EVERY_MS);
  }
}

async function look({ outputs }: StackPlace, cluster: Cluster): Promise<StatusReport> {
  const seen = await cluster.look();
  if (seen === undefined) {
    throw new UserError(
      `there is no StatefulSet ${outputs.namespace}/${outputs.statefulSetName}, though the stack has one: \`npm run up\` makes it anew`,
    );
  }
  return statusReport(outputs.namespace, { replicas: outputs.replicas, memberImage: outputs.images["member"] }, seen);
}
