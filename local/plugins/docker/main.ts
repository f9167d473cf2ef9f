import { EngineReporter } from "../rpc/engine.ts";
import { providerServiceOf } from "../rpc/provider-service.ts";
import { engineAddress, servePlugin } from "../rpc/serve.ts";
import { installedVersion } from "../versions.ts";
import { DockerProvider } from "./provider.ts";

const reporter = new EngineReporter(engineAddress());
const info = { name: "docker", version: installedVersion("docker") };
const provider = new DockerProvider(info, reporter);
await servePlugin([providerServiceOf(provider, info, reporter)], () => provider.cancel());
