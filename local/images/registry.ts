import { openAsBlob } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { UserError } from "../errors.ts";
import { manifestMediaType, type PackedImage } from "./image.ts";

// The protocol: https://distribution.github.io/distribution/spec/api/ (registry HTTP API V2).

/** How long one request may take (ms); the largest carries a layer of about 100 MB on this machine. */
const requestTimeout = 60_000;

async function request(
  registry: string,
  url: string,
  init: RequestInit,
  expected: readonly number[],
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(new URL(url, `http://${registry}`), {
      ...init,
      signal: AbortSignal.timeout(requestTimeout),
    });
  } catch (error) {
    throw new UserError(
      `the registry at ${registry} does not answer (${error instanceof Error ? error.message : String(error)}): start it and try again`,
    );
  }
  if (!expected.includes(response.status)) {
    const said = await response.text();
    throw new UserError(
      `the registry at ${registry} answered ${init.method ?? "GET"} ${url} with ${response.status}: ${said}`,
    );
  }
  return response;
}

async function uploadBlob(registry: string, repository: string, digest: string, file: string): Promise<void> {
  const known = await request(registry, `/v2/${repository}/blobs/${digest}`, { method: "HEAD" }, [200, 404]);
  if (known.status === 200) {
    return;
  }
  const started = await request(registry, `/v2/${repository}/blobs/uploads/`, { method: "POST" }, [202]);
  const location = new URL(started.headers.get("Location") ?? "", `http://${registry}`);
  location.searchParams.set("digest", digest);
  const headers = { "Content-Type": "application/octet-stream" };
  await request(registry, location.href, { method: "PUT", headers, body: await openAsBlob(file) }, [201]);
}

/**
 * Brings an image into a registry that speaks plain HTTP, unless it is there under this name already.
 * @param name repository and tag: "base/node:24"
 * @returns whether anything had to be sent
 * @throws UserError when the registry does not answer or refuses
 */
export async function pushPacked(registry: string, name: string, image: PackedImage): Promise<boolean> {
  const [repository = "", tag = "latest"] = name.split(":");
  const manifestUrl = `/v2/${repository}/manifests/${tag}`;
  const headers = { Accept: manifestMediaType };
  const present = await request(registry, manifestUrl, { method: "HEAD", headers }, [200, 404]);
  if (present.headers.get("Docker-Content-Digest") === image.digest) {
    return false;
  }
  for (const digest of await readdir(image.blobs)) {
    await uploadBlob(registry, repository, digest, path.join(image.blobs, digest));
  }
  const body = await openAsBlob(image.manifest);
  const contentType = { "Content-Type": manifestMediaType };
  await request(registry, manifestUrl, { method: "PUT", headers: contentType, body }, [201]);
  return true;
}
