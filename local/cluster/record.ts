import { rmSync } from "node:fs";
import { createHash } from "node:crypto";
import { toolchainHash } from "../toolchain/toolchain.ts";
import { identities } from "./keys.ts";
import { readIfThere, writePrivately } from "./file.ts";
import { recordFile } from "./folders.ts";
import { bootId } from "./process.ts";

/** Names the programs and the keys a cluster is made with: one of another version is replaced. */
export const clusterVersion = createHash("sha256")
  .update(JSON.stringify([toolchainHash, identities]))
  .digest("hex");

/** What a made cluster is made of. */
export interface ClusterRecord {
  version: string;
  /** The run of the machine it was last started in: after a reboot some leftovers have to go first. */
  bootId: string;
}

/** The record of the cluster; undefined when there is none, or an unfinished one. */
export function readRecord(): ClusterRecord | undefined {
  const text = readIfThere(recordFile);
  const value: unknown = text === undefined ? undefined : JSON.parse(text);
  if (typeof value !== "object" || value === null || !("version" in value) || !("bootId" in value)) {
    return undefined;
  }
  return { version: String(value.version), bootId: String(value.bootId) };
}

/** Records that the cluster is (being) made by these programs in this run of the machine. */
export function writeRecord(): void {
  writePrivately(recordFile, JSON.stringify({ version: clusterVersion, bootId: bootId() } satisfies ClusterRecord));
}

/** From now on there is no cluster, however much of it is still there: the next `up` clears it away first. */
export function removeRecord(): void {
  rmSync(recordFile, { force: true });
}
