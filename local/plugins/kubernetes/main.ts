import { engineAddress, serve } from "../rpc/serve.ts";
import { kubernetesPlugin } from "./plugin.ts";

await serve([kubernetesPlugin(engineAddress())]);
