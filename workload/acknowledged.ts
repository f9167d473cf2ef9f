import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppendedFile } from "./assertions/output.ts";
import { type Acknowledged } from "./generated-traffic.ts";

/**
 * The writes the cluster acknowledged to the test commands of this pod and that nobody changes afterwards, kept for the end of
 * the run, when each must still be there. The file lives as long as the pod: a pod that is replaced has forgotten its own.
 */
function acknowledgedFile(environment: NodeJS.ProcessEnv): string {
  return join(environment["WORKLOAD_STATE_DIR"] ?? join(tmpdir(), "etcd-on-kubernetes"), "acknowledged.jsonl");
}

/** Remembers puts, from any number of processes at once. */
export class AcknowledgedLog {
  readonly #file: AppendedFile;

  constructor(environment: NodeJS.ProcessEnv) {
    this.#file = new AppendedFile(acknowledgedFile(environment));
  }

  add({ key, value, revision }: Acknowledged): void {
    this.#file.append({ key, value, revision });
  }
}

/** All that were remembered; a torn last line, of a process that was killed, was never relied on. */
export function acknowledgedSoFar(environment: NodeJS.ProcessEnv): readonly Acknowledged[] {
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
