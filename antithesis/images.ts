import { join } from "node:path";
import { bundle } from "../components/bundle.ts";
import type { ImageBuild } from "../components/image-builds.ts";
import { clientBuild, contextFolder, imageName, memberBuild } from "../components/image-builds.ts";
import type { ImageSource, Settings } from "../components/settings.ts";
import { projectDir } from "../local/paths.ts";
import { contextDigest } from "../local/plugins/docker/build-context.ts";
import type { DockerEngine } from "../local/plugins/docker/docker-engine.ts";
import type { ProvidedImage } from "../local/plugins/docker/image.ts";
import { provideImage } from "../local/plugins/docker/image.ts";
import type { Credentials } from "../local/plugins/docker/inputs.ts";
import type { ManifestFile } from "../manifests/files.ts";
import { writeManifests } from "../manifests/files.ts";

/** An image to be brought to the registry. */
export interface PlannedImage {
  /** As it is named before its digest is known. */
  readonly name: string;
  /** Undefined for one that is there already. */
  readonly source: Source | undefined;
}

interface Source {
  readonly context: string;
  readonly dockerfile: string;
  readonly args: Readonly<Record<string, string>>;
}

/** Antithesis runs no other. */
const platform = "linux/amd64";

async function planned(build: ImageBuild, source: ImageSource): Promise<PlannedImage> {
  if ("prebuilt" in source) return { name: source.prebuilt, source: undefined };
  const context = await bundle(projectDir, build.folder, contextFolder(build));
  const folder = join(projectDir, context.folder);
  return {
    name: imageName(source.registry, build, context),
    source: { context: folder, dockerfile: join(folder, "Dockerfile"), args: build.buildArgs },
  };
}

/** The images of the pods, their build contexts filled. */
export async function plannedImages(settings: Settings): Promise<{ member: PlannedImage; client: PlannedImage }> {
  const [member, client] = await Promise.all([
    planned(memberBuild(settings), settings.memberImage),
    planned(clientBuild(settings), settings.clientImage),
  ]);
  return { member, client };
}

/** The image that holds the manifests; its tag is a hash of them. */
export async function plannedConfigImage(registry: string, files: readonly ManifestFile[]): Promise<PlannedImage> {
  const context = join(projectDir, "build", "antithesis");
  const dockerfile = join(import.meta.dirname, "Dockerfile");
  writeManifests(join(context, "manifests"), files);
  const digest = await contextDigest(context, dockerfile);
  return { name: `${registry}/etcd-config:${digest.slice(0, 12)}`, source: { context, dockerfile, args: {} } };
}

/** Builds and pushes an image, unless the registry has it from the same sources. */
export async function bring(
  image: PlannedImage,
  engine: DockerEngine,
  credentials: Credentials | undefined,
  report: (line: string) => void,
): Promise<ProvidedImage> {
  if (image.source === undefined) return { reference: image.name, pushed: false };
  const build = {
    ...image.source,
    platform,
    target: undefined,
    network: undefined,
    addHosts: [],
    cacheFrom: [],
    builderVersion: undefined,
  };
  const wish = { imageName: image.name, push: true, buildOnPreview: false, credentials, build };
  return provideImage(engine, wish, await contextDigest(build.context, build.dockerfile), report);
}
