import { at, isMap, parseJson, textAt } from "../rpc/values.ts";
import type { Credentials } from "./inputs.ts";
import { parseImageName } from "./image-name.ts";
import { request } from "./registry-request.ts";

/** What a registry says of an image. `refused`: not to these credentials. `unknown`: it could not be asked, or not so simply. */
export type ManifestAnswer =
  { kind: "present"; digest: string } | { kind: "absent" } | { kind: "refused" | "unknown"; why: string };

/** How long a registry may take to answer, in ms. */
const answerLimit = 10_000;

/** Asks the registry whether it has an image, by tag or, if the name has one, by digest; it must answer within some ms. */
export async function askManifest(
  imageName: string,
  credentials: Credentials | undefined,
  withinMs = answerLimit,
): Promise<ManifestAnswer> {
  const { registry, repository, tag, digest } = parseImageName(imageName);
  const path = `/v2/${repository}/manifests/${digest ?? tag}`;
  try {
    const answer = await request("HEAD", registry, path, credentials, withinMs);
    const found = answer.headers["docker-content-digest"];
    if (answer.status === 200 && typeof found === "string") {
      return { kind: "present", digest: found };
    }
    if (answer.status === 404) return { kind: "absent" };
    const kind = answer.status === 401 || answer.status === 403 ? "refused" : "unknown";
    return { kind, why: `the registry ${registry} answered with status ${answer.status}` };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: "unknown", why: `the registry ${registry} could not be reached: ${why}` };
  }
}

/** The labels of an image in a registry; none when they can't be had. */
export async function askLabels(
  imageName: string,
  credentials: Credentials | undefined,
): Promise<ReadonlyMap<string, string>> {
  const { registry, repository, tag, digest } = parseImageName(imageName);
  try {
    const path = `/v2/${repository}/manifests/${digest ?? tag}`;
    const manifest = await request("GET", registry, path, credentials, answerLimit);
    const config = textAt(parseJson(manifest.body), "config", "digest");
    if (manifest.status !== 200 || config === undefined) {
      return new Map();
    }
    const blob = await request("GET", registry, `/v2/${repository}/blobs/${config}`, credentials, answerLimit);
    return labelsIn(blob.body);
  } catch {
    // Labels only save a build: where they can't be had, the image is built.
    return new Map();
  }
}

function labelsIn(configuration: string): ReadonlyMap<string, string> {
  const labels = at(parseJson(configuration), "config", "Labels");
  return new Map(
    Object.entries(isMap(labels) ? labels : {}).flatMap(([key, value]) =>
      typeof value === "string" ? [[key, value]] : [],
    ),
  );
}
