import { createHash } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Unreachable } from "./connection.ts";
import { CLIENT_PORT } from "./members.ts";
import type { PodProxy } from "./pod-proxy.ts";

const HASH_BYTES = 32;

/**
 * Saves what one member holds to a file, as `etcdctl snapshot save` would; needs no quorum. The file is there only when
 * it is whole: etcd ends the stream with the SHA-256 of all before it (v3rpc/maintenance.go Snapshot).
 *
 * @param withinMs deadline of the whole transfer, in milliseconds
 * @returns bytes
 * @throws Unreachable where the member does not answer, or the stream was cut off
 */
export async function saveSnapshot(proxy: PodProxy, pod: string, file: string, withinMs: number): Promise<number> {
  const response = await proxy.open(pod, CLIENT_PORT, "/v3/maintenance/snapshot", withinMs, {});
  if (response.statusCode !== 200) {
    response.destroy();
    throw new Unreachable(`${pod} gives no snapshot: status ${response.statusCode ?? 0}`);
  }
  const part = `${file}.part`;
  const out = await open(part, "w", 0o600);
  try {
    const written = new Tail();
    for await (const line of createInterface({ input: response })) {
      const blob = blobIn(line);
      written.add(blob);
      await out.writeFile(blob);
    }
    if (!written.endsWithOwnHash()) throw new Unreachable(`the snapshot of ${pod} was cut off`);
    await out.sync();
    await out.close();
    await rename(part, file);
    return written.bytes;
  } catch (error) {
    await out.close();
    await rm(part, { force: true });
    if (error instanceof Unreachable) throw error;
    throw new Unreachable(`the snapshot of ${pod} was cut off: ${(error as Error).message}`);
  }
}

function blobIn(line: string): Buffer {
  if (line.trim() === "") return Buffer.alloc(0);
  const { result, error } = JSON.parse(line) as { result?: { blob?: string }; error?: { message?: string } };
  if (error !== undefined) throw new Unreachable(`etcd ended the snapshot: ${error.message ?? "no reason given"}`);
  return Buffer.from(result?.blob ?? "", "base64");
}

/** Hashes all but the last 32 bytes of a stream, which are to be that hash. */
class Tail {
  readonly #hash = createHash("sha256");
  #tail = Buffer.alloc(0);
  bytes = 0;

  add(blob: Buffer): void {
    this.bytes += blob.length;
    const all = Buffer.concat([this.#tail, blob]);
    const from = Math.max(0, all.length - HASH_BYTES);
    this.#hash.update(all.subarray(0, from));
    this.#tail = all.subarray(from);
  }

  endsWithOwnHash(): boolean {
    return this.#tail.length === HASH_BYTES && this.#hash.digest().equals(this.#tail);
  }
}
