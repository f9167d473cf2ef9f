import path from "node:path";
import type { PropertyMap } from "../rpc/values.ts";
import { at, isMap, listAt, textAt, withoutSecrets } from "../rpc/values.ts";

/** An image to build, as the arguments of docker.Image say it, defaults filled in. */
export interface ImageWish {
  imageName: string;
  /** False: the image stays with the Docker Engine that built it. */
  push: boolean;
  buildOnPreview: boolean;
  credentials: Credentials | undefined;
  build: BuildWish;
}

export interface Credentials {
  server: string;
  username: string;
  password: string;
}

export interface BuildWish {
  /** The folder the Dockerfile copies from. */
  context: string;
  dockerfile: string;
  args: Readonly<Record<string, string>>;
  target: string | undefined;
  /** `linux/amd64`; undefined: the Docker Engine's own. */
  platform: string | undefined;
  network: string | undefined;
  addHosts: readonly string[];
  cacheFrom: readonly string[];
  /** `BuilderBuildKit`, `BuilderV1`, or undefined: whichever works. */
  builderVersion: string | undefined;
}

/** The input in which the content of the build context is kept, as in the official plugin: a change of it is a change. */
export const digestPath = ["build", "contextDigest"] as const;

/** The wish in a resource's inputs, which must be known. */
export function parseInputs(given: PropertyMap): ImageWish {
  const inputs = withoutSecrets(given);
  const username = textAt(inputs, "registry", "username");
  const password = textAt(inputs, "registry", "password");
  const imageName = textAt(inputs, "imageName") ?? "";
  return {
    imageName,
    push: at(inputs, "skipPush") !== true,
    buildOnPreview: at(inputs, "buildOnPreview") === true,
    credentials:
      username === undefined || password === undefined
        ? undefined
        : { server: textAt(inputs, "registry", "server") ?? imageName.split("/")[0] ?? "", username, password },
    build: parseBuild(inputs),
  };
}

function parseBuild(inputs: PropertyMap): BuildWish {
  const build = at(inputs, "build");
  const context = textAt(build, "context") ?? ".";
  const args = at(build, "args");
  return {
    context,
    dockerfile: textAt(build, "dockerfile") ?? path.join(context, "Dockerfile"),
    args: isMap(args) ? texts(args) : {},
    target: textAt(build, "target"),
    platform: textAt(build, "platform"),
    network: textAt(build, "network"),
    addHosts: listAt(build, "addHosts").filter((host) => typeof host === "string"),
    cacheFrom: listAt(build, "cacheFrom", "images").filter((image) => typeof image === "string"),
    builderVersion: textAt(build, "builderVersion"),
  };
}

function texts(map: PropertyMap): Record<string, string> {
  return Object.fromEntries(
    Object.entries(map).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

/** The inputs with the digest of the build context in them. */
export function withContextDigest(inputs: PropertyMap, digest: string): PropertyMap {
  const build = at(inputs, "build");
  return { ...inputs, build: { ...(isMap(build) ? build : {}), contextDigest: digest } };
}
