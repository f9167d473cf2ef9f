import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { BuildContext } from "./bundle.ts";
import type { ImageBuild } from "./image-builds.ts";
import { imageName } from "./image-builds.ts";

/** An image that exists already: nothing is built and no Docker is needed. */
export interface PrebuiltImage {
  /** The image with its digest. */
  readonly prebuilt: string;
}

/** An image that is built from this project's sources and pushed. */
export interface BuiltImage {
  /** Registry, with path, that the image is pushed to. */
  readonly registry: string;
  readonly build: ImageBuild;
  /** The folder to build from, as the bundling step left it. */
  readonly context: BuildContext;
}

export type ContainerImageArgs = PrebuiltImage | BuiltImage;

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
        imageName: imageName(args.registry, args.build, args.context),
        build: { context: folder, dockerfile: `${folder}/Dockerfile`, args: { ...args.build.buildArgs } },
      },
      { parent: this },
    );
  }
}
