import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { Cluster, type ClusterSeen } from "../../desk/cluster.ts";
import { chooseSurvivor, recover, takeBack } from "../../desk/recovery.ts";
import { replaceMember, replaceProblem } from "../../desk/replace.ts";
import { saveSnapshot } from "../../desk/snapshot.ts";
import { UserError } from "../errors.ts";
import { findStack, type StackOptions } from "./stack-place.ts";

const REPLACED_WITHIN_MS = 300_000;
const SAVED_WITHIN_MS = 1_800_000;
/** A member's grace period, and the kubelet's word. */
const PODS_END_WITHIN_MS = 120_000;
const REGROWN_WITHIN_MS = 300_000;

export interface ReplaceOptions extends StackOptions {
  readonly confirm?: string;
}

export interface RecoverOptions extends ReplaceOptions {
  readonly snapshot?: string;
}

function say(line: string): void {
  process.stdout.write(`- ${line}\n`);
}

/**
 * Replaces one member: its volume is given up, and the others fill a new one.
 *
 * @throws UserError where that would cost the quorum
 */
export async function replace(name: string, options: ReplaceOptions): Promise<void> {
  const { cluster, seen } = await find(options);
  const problem = replaceProblem(seen, name);
  if (problem !== undefined) throw new UserError(`${name} is not replaced: ${problem}`);
  await confirmed(
    `This deletes the volume of ${name} in ${options.stack}; the others give it a new copy.`,
    name,
    options,
  );
  await replaceMember(cluster, Number(name.slice(cluster.objects.name.length + 1)), say, REPLACED_WITHIN_MS);
}

/**
 * Goes on from the best surviving member of a cluster that has lost its majority for good.
 *
 * @throws UserError where there is nothing to recover, or nothing to recover from
 */
export async function recoverMajority(options: RecoverOptions): Promise<void> {
  const { cluster, seen } = await find(options);
  const takenBack = await takeBack(cluster, seen);
  if (takenBack.length > 0) say(`a recovery that was cut off is taken back: ${takenBack.join(", ")} may start again`);
  const chosen = chooseSurvivor(seen);
  if (typeof chosen === "string") throw new UserError(`nothing is recovered: ${chosen}`);
  const { survivor, givenUp } = chosen;
  const revision = survivor.status?.revision ?? 0;
  say(
    `no quorum answers; ${survivor.name} knows most: revision ${revision}, raft index ${survivor.status?.raftIndex ?? 0}`,
  );
  const lost = givenUp.map(({ name, id }) => `${name} (member ${id})`).join(", ");
  await confirmed(
    `This goes on from ${survivor.name} alone and gives up what only ${lost} may hold.`,
    survivor.name,
    options,
  );
  const file = resolve(options.snapshot ?? `${options.stack}-${survivor.name}-revision-${revision}.db`);
  const save = async (): Promise<void> => {
    const bytes = await saveSnapshot(cluster.proxy, survivor.name, file, SAVED_WITHIN_MS);
    say(`snapshot of ${survivor.name} saved: ${file} (${bytes} bytes)`);
  };
  const serves = survivor.status?.serves === true;
  // etcd gives none before it has seen a leader: of a survivor that was restarted it is to be had only once it is alone.
  if (serves) await save();
  else say(`${survivor.name} was restarted without a quorum and gives no snapshot now: it is saved once it is alone`);
  const patience = { podsEndMs: PODS_END_WITHIN_MS, regrowMs: REGROWN_WITHIN_MS };
  await recover(cluster, chosen, say, patience, serves ? () => Promise.resolve() : save);
}

async function find(options: StackOptions): Promise<{ cluster: Cluster; seen: ClusterSeen }> {
  const { outputs, place } = await findStack(options);
  const cluster = new Cluster(place, outputs.statefulSetName);
  const seen = await cluster.look();
  if (seen === undefined)
    throw new UserError(`there is no StatefulSet ${outputs.namespace}/${outputs.statefulSetName}`);
  return { cluster, seen };
}

/** Who destroys something types its name, or has typed it in --confirm. */
async function confirmed(what: string, name: string, { confirm }: ReplaceOptions): Promise<void> {
  if (confirm === undefined && !process.stdin.isTTY) {
    throw new UserError(`${what} Nobody can be asked here: give --confirm ${name}`, 2);
  }
  const given = confirm ?? (await ask(`${what} Type ${name} to go ahead: `));
  if (given.trim() !== name) throw new UserError(`"${given.trim()}" is not ${name}: nothing was done`, 2);
}

/** @returns what was typed; "" where the terminal was closed or left (Ctrl-D, Ctrl-C) */
async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const left = new AbortController();
  terminal.on("close", () => left.abort());
  try {
    return await terminal.question(question, { signal: left.signal });
  } catch (error) {
    if (!left.signal.aborted) throw error;
    process.stdout.write("\n");
    return "";
  } finally {
    terminal.close();
  }
}
