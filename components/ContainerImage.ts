import { createHash } from "node:crypto";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { BuildContext } from "./bundle.ts";

/** An image that exists already: nothing is built and no Docker is needed. */
export interface PrebuiltImage {
  /** The image with its digest. */
  readonly prebuilt: string;
}

/** An image that is built from this project's sources and pushed. */
export interface BuiltImage {
  /** Registry, with path, that the image is pushed to. */
  readonly registry: string;
  /** The image's name below the registry. */
  readonly image: string;
  /** The folder to build from, as the bundling step left it. */
  readonly context: BuildContext;
  /** Build arguments of the Dockerfile. */
  readonly buildArgs: Readonly<Record<string, string>>;
}

export type ContainerImageArgs = PrebuiltImage | BuiltImage;

/** The tag names what is in the image, so that no push takes the tag away from an image that pods still run. */
export function contentTag(args: Pick<BuiltImage, "context" | "buildArgs">): string {
  const buildArgs = Object.entries(args.buildArgs).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([args.context.hash, buildArgs]))
    .digest("hex")
    .slice(0, 12);
}

/** An image that pods use by digest: built and pushed, or one that is there already. */
export class ContainerImage extends pulumi.ComponentResource {
  /** `registry/image@sha256:…`. In a preview that would build the image it is not known yet. */
  readonly reference: pulumi.Output<string>;

  constructor(name: string, args: ContainerImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("etcd:index:ContainerImage", name, {}, opts);

    this.reference = "prebuilt" in args ? pulumi.output(args.prebuilt) : this.createImage(name, args).repoDigest;
    this.registerOutputs({ reference: this.reference });
  }

  private createImage(name: string, args: BuiltImage): docker.Image {
    const { folder } = args.context;
    return new docker.Image(
      name,
      {
        imageName: `${args.registry}/${args.image}:${contentTag(args)}`,
        build: { context: folder, dockerfile: `${folder}/Dockerfile`, args: { ...args.buildArgs } },
      },
      { parent: this },
    );
  }
}
