import { objectGroups } from "../components/object-groups.ts";
import type { Settings } from "../components/settings.ts";
import { UserError } from "../local/errors.ts";
import type { Phase } from "../local/phases.ts";
import { runPhases } from "../local/phases.ts";
import { dockerCredentials } from "../local/plugins/docker/docker-config.ts";
import { DockerEngine } from "../local/plugins/docker/docker-engine.ts";
import { manifestFiles } from "../manifests/files.ts";
import { stackSettings } from "../manifests/stack-config.ts";
import type { PlannedImage } from "./images.ts";
import { bring, plannedConfigImage, plannedImages } from "./images.ts";
import { notePackaged, packagedFile } from "./packaged.ts";
import { readObjects } from "./read-manifests.ts";
import { registryOf } from "./tenant-registry.ts";
import { violations } from "./violations.ts";

export interface PackageOptions {
  readonly stack: string;
  readonly configFile?: string;
  readonly tenant?: string;
  readonly registry?: string;
}

/** Throws UserError with one line for each rule that the manifests break. */
function judged(settings: Settings, images: { member: string; client: string }): string {
  const objects = readObjects(manifestFiles(objectGroups(settings, images)));
  const found = violations(objects);
  if (found.length === 0) return `${objects.length} objects keep all rules`;
  const lines = found.map((sentence) => `\n✘ ${sentence}`).join("");
  throw new UserError(`nothing was built, because Antithesis would refuse the manifests:${lines}`);
}

/**
 * Brings all that a run needs to a registry: the images of the pods, and the config image with manifests that name them by
 * digest. What is there from the same sources is left alone. Prints the config image's reference, and notes it for `launch`.
 */
export async function packageStack(options: PackageOptions): Promise<void> {
  const registry = registryOf(options);
  const { settings } = stackSettings(options.stack, options.configFile, { "etcd:registry": registry });
  const credentials = await dockerCredentials(registry);
  const engine = new DockerEngine(undefined, new AbortController().signal);
  const images = await plannedImages(settings);
  const references = new Map<string, string>();
  const step = (title: string, plan: () => Promise<PlannedImage>): Phase => ({
    title,
    run: async (report) => {
      const image = await plan();
      const { reference, pushed } = await bring(image, engine, credentials, report);
      references.set(title, reference);
      const unpushed = image.source === undefined ? "as the settings name it" : "is there";
      return `${reference} ${pushed ? "pushed" : unpushed}`;
    },
  });
  const named = () => ({ member: references.get("member image") ?? "", client: references.get("client image") ?? "" });
  await runPhases([
    {
      title: "manifests",
      run: () => Promise.resolve(judged(settings, { member: images.member.name, client: images.client.name })),
    },
    step("member image", () => Promise.resolve(images.member)),
    step("client image", () => Promise.resolve(images.client)),
    step("config image", () => plannedConfigImage(registry, manifestFiles(objectGroups(settings, named())))),
  ]);
  const configImage = references.get("config image") ?? "";
  notePackaged(registry, { configImage, stack: options.stack, at: new Date().toISOString() });
  process.stderr.write(`  noted for launch in ${packagedFile(registry)}\n`);
  process.stdout.write(`${configImage}\n`);
}
