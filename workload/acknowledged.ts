import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppendedFile } from "./assertions/output.ts";
import { type Acknowledged, type KeyValueClient } from "./generated-traffic.ts";
import { type MemberClient } from "./etcd/member-client.ts";
import { type Outcome } from "./etcd/outcome.ts";

/**
 * The writes the cluster acknowledged to test commands and that nobody changes afterwards, kept for the end of the run, when
 * each must still be there. They are kept in two places, because neither can do it alone:
 *
 * - In a file of the pod, each as soon as it is acknowledged. It does not depend on the cluster it accuses, but lives as long
 *   as the pod, and no other pod can read it.
 * - In the cluster, under a reserved prefix, ten at a time in one put, for whichever pod the last command runs in. What is
 *   lost together with its record is found by the pod's own file alone; a command that is killed leaves up to nine unrecorded.
 */
const prefix = "etcd-on-kubernetes/acknowledged/";
const prefixEnd = "etcd-on-kubernetes/acknowledged0";
const writesInRecord = 10;
const recordsInAnswer = 100;

function acknowledgedFile(environment: NodeJS.ProcessEnv): string {
  return join(environment["WORKLOAD_STATE_DIR"] ?? join(tmpdir(), "etcd-on-kubernetes"), "acknowledged.jsonl");
}

/** Remembers the puts of one run of a command; any number of processes may do so at once. */
export class AcknowledgedLog {
  readonly #file: AppendedFile;
  readonly #clients: readonly KeyValueClient[];
  readonly #run: string;
  #waiting: Acknowledged[] = [];
  #tried = 0;
  #chosen = 0;

  /**
   * @param clients through which records are put: through the same one as long as it takes them
   * @param run a name that no other run has
   */
  constructor(environment: NodeJS.ProcessEnv, clients: readonly KeyValueClient[], run: string) {
    this.#file = new AppendedFile(acknowledgedFile(environment));
    this.#clients = clients;
    this.#run = run;
  }

  async add(put: Acknowledged): Promise<void> {
    this.#file.append(put);
    this.#waiting.push(put);
    if (this.#waiting.length >= writesInRecord) await this.flush();
  }

  /** Records what waits for it. What no member takes goes on waiting. */
  async flush(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const value = JSON.stringify(this.#waiting);
    for (let turn = 0; turn < this.#clients.length; turn++) {
      // Each try has its own key: one of unknown outcome may yet take effect after the next.
      const key = `${prefix}${this.#run}/${this.#tried++}`;
      const outcome = await this.#clients[this.#chosen % this.#clients.length]?.put(key, value);
      if (outcome?.kind === "ok") {
        this.#file.append({ key, value, revision: outcome.value.revision });
        this.#waiting = [];
        return;
      }
      this.#chosen += 1;
    }
  }
}

/** What this pod remembers; a torn last line, of a process that was killed, was never relied on. */
export function acknowledgedHere(environment: NodeJS.ProcessEnv): readonly Acknowledged[] {
  let text: string;
  try {
    text = readFileSync(acknowledgedFile(environment), "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
  return text.split("\n").flatMap((line) => {
    try {
      return line === "" ? [] : [JSON.parse(line) as Acknowledged];
    } catch {
      return [];
    }
  });
}

/** What commands of all pods have recorded in the cluster, as this member tells it. */
export async function acknowledgedAnywhere(client: MemberClient): Promise<Outcome<readonly Acknowledged[]>> {
  const found: Acknowledged[] = [];
  for (let key = prefix; ;) {
    const outcome = await client.call({ op: "range", key, end: prefixEnd, limit: recordsInAnswer });
    if (outcome.kind !== "ok") return outcome;
    const { kvs, count } = outcome.value;
    for (const { value } of kvs) found.push(...(JSON.parse(value) as Acknowledged[]));
    const last = kvs.at(-1);
    if (last === undefined || kvs.length === count) return { kind: "ok", value: found };
    key = `${last.key}\0`;
  }
}

/** Each key once: of a run that was replayed, which writes its keys anew, what was acknowledged last. */
export function lastOfEachKey(...puts: readonly (readonly Acknowledged[])[]): readonly Acknowledged[] {
  const last = new Map<string, Acknowledged>();
  for (const put of puts.flat()) {
    const known = last.get(put.key);
    if (known === undefined || BigInt(put.revision) > BigInt(known.revision)) last.set(put.key, put);
  }
  return [...last.values()];
}
