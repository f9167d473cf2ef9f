import { bundle } from "../components/bundle.ts";
import type { ImageBuild } from "../components/image-builds.ts";
import { clientBuild, contextFolder, imageName, memberBuild } from "../components/image-builds.ts";
import type { ImageSource, Settings } from "../components/settings.ts";
import { UserError } from "../local/errors.ts";
import { projectDir } from "../local/paths.ts";
import type { ManifestAnswer } from "../local/plugins/docker/registry.ts";
import { askManifest } from "../local/plugins/docker/registry.ts";

/** How the pods name their images. */
export interface ImageReferences {
  readonly member: string;
  readonly client: string;
  /** Sentences about images that are named by tag because their digest is not known. */
  readonly remarks: readonly string[];
}

/** How long the registry is waited for (ms); without it the tag does. */
const withinMs = 1000;

/** What the registry says; where it answers only to who is known there, it is asked again with docker's credentials. */
async function asked(name: string, registry: string): Promise<ManifestAnswer> {
  const answer = await askManifest(name, undefined, withinMs);
  if (answer.kind !== "refused") return answer;
  const { dockerCredentials } = await import("../local/plugins/docker/docker-config.ts");
  try {
    const credentials = await dockerCredentials(registry);
    return credentials === undefined ? answer : await askManifest(name, credentials, withinMs);
  } catch (error) {
    if (error instanceof UserError) return { kind: "refused", why: error.message };
    throw error;
  }
}

/** Why an image is named by its tag, and what gives it a digest. */
function remark(
  name: string,
  registry: string,
  key: string,
  answer: Exclude<ManifestAnswer, { kind: "present" }>,
): string {
  const byTag = `${name} is named by its tag, because`;
  const orDigest = `or set ${key} to an image with its digest`;
  switch (answer.kind) {
    case "absent":
      return `${byTag} the registry does not have it yet: \`pulumi up\` and \`npm run antithesis -- package\` push it and name it by digest.`;
    case "refused":
      return `${byTag} ${answer.why}: type \`docker login ${registry.split("/")[0] ?? registry}\` and write again, ${orDigest}.`;
    case "unknown":
      return `${byTag} ${answer.why}: write again where it can be reached, ${orDigest}.`;
  }
}

async function reference(
  build: ImageBuild,
  source: ImageSource,
  key: string,
): Promise<{ name: string; remark?: string }> {
  if ("prebuilt" in source) return { name: source.prebuilt };
  const { registry } = source;
  const name = imageName(registry, build, await bundle(projectDir, build.folder, contextFolder(build)));
  const answer = await asked(name, registry);
  if (answer.kind === "present") return { name: `${registry}/${build.image}@${answer.digest}` };
  return { name, remark: remark(name, registry, key, answer) };
}

/**
 * The images of a stack as `up` would name them: by digest where the registry has what the sources give now, by the tag of their
 * content where it can't be asked. Nothing is built or pushed.
 */
export async function imageReferences(settings: Settings): Promise<ImageReferences> {
  const [member, client] = await Promise.all([
    reference(memberBuild(settings), settings.memberImage, "etcd:memberImage"),
    reference(clientBuild(settings), settings.clientImage, "etcd:clientImage"),
  ]);
  const remarks = [member, client].flatMap(({ remark }) => (remark === undefined ? [] : [remark]));
  return { member: member.name, client: client.name, remarks };
}
