import { setTimeout as sleep } from "node:timers/promises";
import { Cluster } from "../../desk/cluster.ts";
import { Unreachable } from "../../desk/connection.ts";
import { statusReport, statusText, type StatusReport } from "../../desk/status-view.ts";
import { UserError } from "../errors.ts";
import { findStack, type StackOptions, type StackPlace } from "./stack-place.ts";

const WATCH_EVERY_MS = 2_000;
const CLEAR_SCREEN = "\u001b[2J\u001b[H";

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
  if (options.watch) return await watch(found, cluster, options.json);
  const report = await look(found, cluster);
  process.stdout.write(shown(report, options.json));
  return report.differences.length === 0 ? 0 : 1;
}

/** Until Ctrl-C. What can't be seen for a while is no reason to stop looking. */
async function watch(found: StackPlace, cluster: Cluster, json: boolean): Promise<never> {
  for (;;) {
    let text: string;
    try {
      text = shown(await look(found, cluster), json);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      text = json ? `${JSON.stringify({ error: error.message })}\n` : `${error.message}\n`;
    }
    process.stdout.write(process.stdout.isTTY && !json ? `${CLEAR_SCREEN}${text}` : text);
    await sleep(WATCH_EVERY_MS);
  }
}

function shown(report: StatusReport, json: boolean): string {
  return json ? `${JSON.stringify(report)}\n` : statusText(report);
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
