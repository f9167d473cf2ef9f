import { objectGroups } from "../components/object-groups.ts";
import type { ManifestFile } from "../manifests/files.ts";
import { manifestFiles } from "../manifests/files.ts";
import { imageReferences } from "../manifests/images.ts";
import { stackSettings } from "../manifests/stack-config.ts";
import { filesIn, readObjects } from "./read-manifests.ts";
import { violations } from "./violations.ts";

export interface ValidateOptions {
  readonly stack: string;
  readonly configFile?: string;
  /** A folder of manifests, judged in place of the stack's. */
  readonly manifests?: string;
}

async function filesOf(options: ValidateOptions): Promise<ManifestFile[]> {
  if (options.manifests !== undefined) return filesIn(options.manifests);
  const { settings } = stackSettings(options.stack, options.configFile);
  return manifestFiles(objectGroups(settings, await imageReferences(settings)));
}

/** Judges a stack's manifests, or a folder's, and prints one line for each violation. Exit code 1 where there is one. */
export async function validate(options: ValidateOptions): Promise<number> {
  const objects = readObjects(await filesOf(options));
  const found = violations(objects);
  for (const sentence of found) process.stdout.write(`✘ ${sentence}\n`);
  if (found.length === 0) process.stdout.write(`✔ ${objects.length} objects keep all rules\n`);
  return found.length === 0 ? 0 : 1;
}
