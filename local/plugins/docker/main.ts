import { engineAddress, serve } from "../rpc/serve.ts";
import { dockerPlugin } from "./plugin.ts";

await serve([dockerPlugin(engineAddress())]);
