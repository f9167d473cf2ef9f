import { engineAddress, serve } from "../rpc/serve.ts";
import { languagePlugin } from "./plugin.ts";

await serve([languagePlugin(engineAddress())]);
