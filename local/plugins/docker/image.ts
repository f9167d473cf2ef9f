import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { DockerEngine, Listener } from "./docker-engine.ts";
import { baseImages } from "./dockerfile.ts";
import { withoutTag } from "./image-name.ts";
import type { ImageWish } from "./inputs.ts";
import { askLabels, askManifest } from "./registry.ts";

/** The label in which an image keeps what it was built from. */
const sourceLabel = "org.etcd-on-kubernetes.source";

/** An image as it is had now. */
export interface ProvidedImage {
  /** How pods refer to it: `registry/repository@sha256:…`, or the Docker Engine's own ID of one that is not pushed. */
  readonly reference: string;
  /** Whether it had to be sent to its registry. */
  readonly pushed: boolean;
}

/**
 * The image a wish asks for: the one the registry has, if it was built from the same sources, else a new one, pushed
 * unless the wish says otherwise.
 * @param contextDigest the content of the build context
 * @throws UserError in one sentence when the Docker Engine or the registry can't be reached, or a step of the build fails
 */
export async function provideImage(
  engine: DockerEngine,
  wish: ImageWish,
  contextDigest: string,
  listener: Listener,
): Promise<ProvidedImage> {
  const source = await sourceOf(wish, contextDigest);
  if (wish.push && source !== undefined) {
    const found = await builtBefore(wish, source);
    if (found !== undefined) {
      return { reference: found, pushed: false };
    }
  }
  listener("Building the image");
  const labels: Record<string, string> = source === undefined ? {} : { [sourceLabel]: source };
  const options = { labels, pull: source !== undefined, credentials: wish.credentials };
  const id = await engine.build(wish.imageName, wish.build, options, listener);
  if (!wish.push) {
    return { reference: id, pushed: false };
  }
  listener("Pushing the image to the registry");
  const digest = await engine.push(wish.imageName, wish.credentials, listener);
  return { reference: `${withoutTag(wish.imageName)}@${digest}`, pushed: true };
}

async function builtBefore(wish: ImageWish, source: string): Promise<string | undefined> {
  const answer = await askManifest(wish.imageName, wish.credentials);
  if (answer.kind !== "present") {
    return undefined;
  }
  const reference = `${withoutTag(wish.imageName)}@${answer.digest}`;
  const labels = await askLabels(reference, wish.credentials);
  return labels.get(sourceLabel) === source ? reference : undefined;
}

/**
 * A hash over all that goes into an image: the context, the arguments of the build, the base images as their registries
 * have them now. Undefined when a base image can't be looked up: then nothing can be said.
 */
async function sourceOf(wish: ImageWish, contextDigest: string): Promise<string | undefined> {
  const { args, target, platform, dockerfile } = wish.build;
  const bases = baseImages(await readFile(dockerfile, "utf8"), args);
  const answers = await Promise.all(bases.map((base) => askManifest(base, undefined)));
  if (!answers.every((answer) => answer.kind === "present")) {
    return undefined;
  }
  const digests = answers.map((answer) => answer.digest);
  const sortedArgs = Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([contextDigest, sortedArgs, target ?? "", platform ?? "", digests]))
    .digest("hex");
}
