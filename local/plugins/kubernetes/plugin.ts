import { providerPlugin } from "../rpc/provider-service.ts";
import type { Plugin } from "../rpc/serve.ts";
import { installedVersion } from "../versions.ts";
import { KubernetesProvider } from "./provider.ts";

/** @param engine the address of the engine that has started it; undefined: engines attach to it */
export function kubernetesPlugin(engine: string | undefined): Plugin {
  const info = { name: "kubernetes", version: installedVersion("kubernetes") };
  return providerPlugin(info, (info, reporter) => new KubernetesProvider(info, reporter), engine);
}
