import { UserError } from "../local/errors.ts";
import type { Environment } from "./address.ts";
import { lastPackaged } from "./packaged.ts";
import type { LaunchOptions } from "./parameters.ts";
import { registryOf } from "./tenant-registry.ts";

export interface ImageOptions extends LaunchOptions {
  readonly tenant?: string;
  /** The registry that was packaged for, where it is another than the tenant's. */
  readonly registry?: string;
  readonly launcher: string;
}

/** The launcher that runs the manifests of a config image; others may have one of their own. */
export const manifestsLauncher = "basic_k8s_test";

/** Do the options say themselves which images a run has? */
function namesImages({ configImage, images, param = [], paramFromEnv = [] }: LaunchOptions): boolean {
  const isNamed = [...param, ...paramFromEnv].some((text) => /^antithesis\.(config_image|images)=/.test(text));
  return configImage !== undefined || images !== undefined || isNamed;
}

/** What is to be launched, and a sentence that says so where it was not given. */
interface Chosen<Options> {
  readonly options: Options;
  readonly said?: string;
}

/**
 * The options with the config image of the last package, unless they name images themselves.
 * @throws UserError (2) where there is none and the launcher needs one
 */
export function withPackage<Options extends ImageOptions>(options: Options, env: Environment): Chosen<Options> {
  if (namesImages(options)) return { options };
  const tenant = options.tenant ?? env["ANTITHESIS_TENANT"] ?? "";
  const isPlaced = tenant !== "" || options.registry !== undefined;
  const registry = isPlaced ? registryOf({ ...options, tenant }) : undefined;
  const packaged = registry === undefined ? undefined : lastPackaged(registry);
  if (packaged !== undefined) {
    const { configImage, stack, at } = packaged;
    return {
      options: { ...options, configImage },
      said: `config image ${configImage}, packaged ${at} of stack ${stack}`,
    };
  }
  if (options.launcher !== manifestsLauncher) {
    return { options, said: `no config image is sent: ${options.launcher} takes what it has` };
  }
  const why = registry === undefined ? "no tenant is named" : `nothing was packaged for ${registry} from this machine`;
  throw new UserError(
    `no config image, because ${why}: type npm run antithesis -- package --tenant NAME first, or give --config-image`,
    2,
  );
}
