import type { BuildContext } from "./bundle.ts";
import { contentTag } from "./content-tag.ts";
import type { Settings } from "./settings.ts";

/** What one of the images is built from. */
export interface ImageBuild {
  /** The image's name below the registry, and of its component. */
  readonly image: string;
  /** Folder of its list, image.json, and of its Dockerfile. */
  readonly folder: string;
  readonly buildArgs: Readonly<Record<string, string>>;
}

/** The image of the etcd pods. */
export function memberBuild(settings: Pick<Settings, "etcdImage" | "etcdVersion" | "nodeImage">): ImageBuild {
  const buildArgs = { ETCD_IMAGE: `${settings.etcdImage}:${settings.etcdVersion}`, NODE_IMAGE: settings.nodeImage };
  return { image: "etcd-member", folder: "member", buildArgs };
}

/** The image of the client pods. */
export function clientBuild(settings: Pick<Settings, "nodeImage">): ImageBuild {
  return { image: "etcd-client", folder: "workload", buildArgs: { NODE_IMAGE: settings.nodeImage } };
}

/** Where a build's context is put, from the project's root. */
export function contextFolder(build: ImageBuild): string {
  return `build/${build.folder}`;
}

/** The name and tag an image is pushed under. */
export function imageName(registry: string, build: ImageBuild, context: Pick<BuildContext, "hash">): string {
  return `${registry}/${build.image}:${contentTag(context, build.buildArgs)}`;
}
