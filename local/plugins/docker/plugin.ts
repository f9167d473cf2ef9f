import { providerPlugin } from "../rpc/provider-service.ts";
import type { Plugin } from "../rpc/serve.ts";
import { installedVersion } from "../versions.ts";
import { DockerProvider } from "./provider.ts";

/** @param engine the address of the engine that has started it; undefined: engines attach to it */
export function dockerPlugin(engine: string | undefined): Plugin {
  const info = { name: "docker", version: installedVersion("docker") };
  return providerPlugin(info, (info, reporter) => new DockerProvider(info, reporter), engine);
}
