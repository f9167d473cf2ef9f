import { EngineReporter } from "../rpc/engine.ts";
import { providerServiceOf } from "../rpc/provider-service.ts";
import { engineAddress, servePlugin } from "../rpc/serve.ts";
import { installedVersion } from "../versions.ts";
import { KubernetesProvider } from "./provider.ts";

const reporter = new EngineReporter(engineAddress());
const info = { name: "kubernetes", version: installedVersion("kubernetes") };
const provider = new KubernetesProvider(info, reporter);
await servePlugin([providerServiceOf(provider, info, reporter)], () => provider.cancel());
