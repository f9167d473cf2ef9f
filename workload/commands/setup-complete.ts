import { hostname } from "node:os";
import { readFileSync } from "node:fs";
import { assertionsFile } from "../assertions/output.ts";
import { untilTrue, whyNotHealthy } from "../etcd/cluster-view.ts";
import { MemberClient } from "../etcd/member-client.ts";
import { findMembers } from "../etcd/members.ts";
import { contextOf, type TestContext } from "./test-command.ts";

/** The key by which the client pods agree who says that the setup is complete; it holds that pod's name. */
export const setupKey = "etcd-on-kubernetes/setup-complete";

/**
 * Says once per cluster that it is ready to be tested: as soon as all declared members are healthy voters. Each client pod runs
 * this when it starts, never a test command.
 *
 * The pods agree by a transaction on the cluster they have just found healthy: whoever creates the key says it. A pod that
 * finds its own name there (its container was restarted, or the answer to its transaction got lost) says it unless its own
 * file shows that it did.
 *
 * So no two pods ever say it. What can't be had besides is that one certainly does: the key and the file can't be written in
 * one step, and a pod that is deleted between the two takes along the only file that could tell. That is the time one answer
 * takes. To say it again after that, delete the key and start a client pod. A pod whose file is lost while it keeps its name
 * says it twice; the file lies on a volume that lives as long as the pod.
 * @param declared number of members
 * @returns whether it is said, here or by another pod; false: the time was over before the cluster was complete
 */
async function setupComplete(context: TestContext, declared: number): Promise<boolean> {
  const { cluster, deadlineMs, withinMs, assertions, say } = context;
  const pod = hostname();
  let owner: string | undefined;
  const why = await untilTrue(withinMs, async () => {
    // Said in the past, perhaps when another number of members was declared: nothing to wait for.
    owner = await ownerOf(context);
    if (owner !== undefined) return undefined;
    const unhealthy = await whyNotHealthy(cluster, deadlineMs, declared);
    if (unhealthy !== undefined) return unhealthy;
    owner = await claim(context, pod);
    return owner === undefined ? "no member takes a transaction" : undefined;
  });
  if (why !== undefined || owner !== pod || alreadySaid()) {
    say(`not said here that the setup is complete: ${why ?? `${owner === pod ? "this pod" : owner} has said it`}`);
    return why === undefined;
  }
  assertions.setupComplete({ message: "all declared members are healthy voters", members: declared });
  say("cluster is healthy!");
  return true;
}

/**
 * As a client pod's container runs it when it starts: the number of declared members is in its environment.
 * @returns exit code: 0 it is said, here or elsewhere; 1 it is not, so try again; 2 wrong use
 */
export async function runSetupComplete(args: readonly string[]): Promise<number> {
  const declared = Number(process.env["ETCD_REPLICAS"]);
  let context: TestContext | "help";
  try {
    context = contextOf(args);
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
    return 2;
  }
  if (context === "help" || !Number.isInteger(declared) || declared < 1) {
    console.error("usage: setup-complete [--within-s N], with ETCD_REPLICAS, the number of declared members, from 1");
    return 2;
  }
  return (await setupComplete(context, declared)) ? 0 : 1;
}

/** Whose name the key holds; undefined when there is none, or it can't be told now. */
async function ownerOf({ cluster, deadlineMs }: TestContext): Promise<string | undefined> {
  for (const address of await findMembers(cluster)) {
    const client = new MemberClient(address, deadlineMs);
    const outcome = await client.get(setupKey);
    client.close();
    if (outcome.kind === "ok") return outcome.value.kv?.value;
  }
  return undefined;
}

/**
 * Writes this pod's name there if nobody's is; answers whose name it is then, undefined when that can't be told: then the
 * transaction may have happened, and ownerOf tells.
 */
async function claim({ cluster, deadlineMs }: TestContext, pod: string): Promise<string | undefined> {
  const [address] = await findMembers(cluster);
  if (address === undefined) return undefined;
  const client = new MemberClient(address, deadlineMs);
  const unclaimed = [{ key: setupKey, target: "version", is: "=", to: "0" }] as const;
  const [mine, whose] = [{ op: "put", key: setupKey, value: pod } as const, { op: "get", key: setupKey } as const];
  const outcome = await client.call({ op: "txn", if: unclaimed, then: [mine], else: [whose] });
  client.close();
  if (outcome.kind !== "ok") return undefined;
  if (outcome.value.succeeded) return pod;
  const [found] = outcome.value.results;
  return found !== undefined && "kv" in found ? found.kv?.value : undefined;
}

/** Whether the whole line is there. */
function alreadySaid(): boolean {
  try {
    return readFileSync(assertionsFile(process.env), "utf8").split("\n").some(isSetupLine);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}

function isSetupLine(line: string): boolean {
  if (!line.startsWith('{"antithesis_setup":')) return false;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
