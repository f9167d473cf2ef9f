import { bundle } from "../components/bundle.ts";
import type { ImageBuild } from "../components/image-builds.ts";
import { clientBuild, contextFolder, imageName, memberBuild } from "../components/image-builds.ts";
import type { ImageSource, Settings } from "../components/settings.ts";
import { projectDir } from "../local/paths.ts";
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

async function reference(build: ImageBuild, source: ImageSource): Promise<{ name: string; remark?: string }> {
  if ("prebuilt" in source) return { name: source.prebuilt };
  const name = imageName(source.registry, build, await bundle(projectDir, build.folder, contextFolder(build)));
  const answer = await askManifest(name, undefined, withinMs);
  if (answer.kind === "present") return { name: `${source.registry}/${build.image}@${answer.digest}` };
  return {
    name,
    remark: `${name} is named by its tag, because the registry did not say that it has it: \`pulumi up\` and \`npm run antithesis -- package\` push it and name it by digest.`,
  };
}

/**
 * The images of a stack as `up` would name them: by digest where the registry has what the sources give now, by the tag of their
 * content where it can't be asked. Nothing is built or pushed.
 */
export async function imageReferences(settings: Settings): Promise<ImageReferences> {
  const [member, client] = await Promise.all([
    reference(memberBuild(settings), settings.memberImage),
    reference(clientBuild(settings), settings.clientImage),
  ]);
  const remarks = [member, client].flatMap(({ remark }) => (remark === undefined ? [] : [remark]));
  return { member: member.name, client: client.name, remarks };
}
