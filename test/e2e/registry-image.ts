import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { execa } from "execa";
import { registryUrl } from "../../components/registry.ts";

interface Part {
  readonly digest: string;
  readonly size: number;
}

interface Manifest {
  readonly config: Part;
  readonly layers: readonly Part[];
}

function address(reference: string, kind: "manifests" | "blobs", digest: string): string {
  const [name = ""] = reference.split("@");
  return `${registryUrl(name)}${name.split("/").slice(1).join("/")}/${kind}/${digest}`;
}

async function fetched(url: string, digest: string): Promise<Buffer> {
  const response = await fetch(url, { headers: { accept: "application/vnd.docker.distribution.manifest.v2+json" } });
  assert.equal(response.status, 200, url);
  const bytes = Buffer.from(await response.arrayBuffer());
  assert.equal(`sha256:${createHash("sha256").update(bytes).digest("hex")}`, digest, url);
  return bytes;
}

/** An image pulled from its registry by digest, each part checked against its own. */
export interface PulledImage {
  readonly architecture: string;
  /** All its files and links, of all layers, folders left out: path to content. */
  readonly files: ReadonlyMap<string, string>;
  /** Bytes of its layers, packed as the registry has them, and unpacked. */
  readonly size: { readonly packed: number; readonly unpacked: number };
}

/** Pulls an image that is named by digest. */
export async function pull(reference: string): Promise<PulledImage> {
  const digest = reference.split("@")[1] ?? "";
  const manifest = JSON.parse(String(await fetched(address(reference, "manifests", digest), digest))) as Manifest;
  const blob = (part: Part) => fetched(address(reference, "blobs", part.digest), part.digest);
  const { architecture } = JSON.parse(String(await blob(manifest.config))) as { architecture: string };
  const files = new Map<string, string>();
  const size = { packed: 0, unpacked: 0 };
  for (const layer of manifest.layers) {
    const packed = await blob(layer);
    const input = gunzipSync(packed);
    size.packed += packed.byteLength;
    size.unpacked += input.byteLength;
    const names = (await execa("tar", ["-t"], { input })).stdout.split("\n").filter((name) => !name.endsWith("/"));
    // Of a small image, the text of each file is of interest; of a large one, that it is there.
    for (const name of names) {
      files.set(name, names.length < 20 ? (await execa("tar", ["-xO", name], { input })).stdout : "");
    }
  }
  return { architecture, files, size };
}

/** Takes an image's name out of its registry, where that lets itself be told so. */
export async function forget(reference: string): Promise<void> {
  await fetch(address(reference, "manifests", reference.split("@")[1] ?? ""), { method: "DELETE" });
}
