import { rmSync } from "node:fs";
import { toolchainHash } from "../toolchain/toolchain.ts";
import { readIfThere, writePrivately } from "./file.ts";
import { recordFile } from "./folders.ts";
import { bootId } from "./process.ts";

/** What a made cluster is made of. */
export interface ClusterRecord {
  /** Of the programs it was made with: a cluster of other versions is replaced. */
  toolchainHash: string;
  /** The run of the machine it was last started in: after a reboot some leftovers have to go first. */
  bootId: string;
}

/** The record of the cluster; undefined when there is none, or an unfinished one. */
export function readRecord(): ClusterRecord | undefined {
  const text = readIfThere(recordFile);
  const value: unknown = text === undefined ? undefined : JSON.parse(text);
  if (typeof value !== "object" || value === null || !("toolchainHash" in value) || !("bootId" in value)) {
    return undefined;
  }
  return { toolchainHash: String(value.toolchainHash), bootId: String(value.bootId) };
}

/** Records that the cluster is (being) made by these programs in this run of the machine. */
export function writeRecord(): void {
  writePrivately(recordFile, JSON.stringify({ toolchainHash, bootId: bootId() } satisfies ClusterRecord));
}

/** From now on there is no cluster, however much of it is still there: the next `up` clears it away first. */
export function removeRecord(): void {
  rmSync(recordFile, { force: true });
}
