import process from "node:process";
import { parseArgs } from "node:util";
import { dockerPlugin } from "./docker/plugin.ts";
import { kubernetesPlugin } from "./kubernetes/plugin.ts";
import { ProgramAhead } from "./language-nodejs/ahead.ts";
import { languagePlugin } from "./language-nodejs/plugin.ts";
import { serve } from "./rpc/serve.ts";

// Serves the stand-ins named by the arguments, in their order, to engines that attach to them (beside-engine.ts).
const { positionals, values } = parseArgs({ options: { program: { type: "boolean" } }, allowPositionals: true });
const ahead = values.program === true ? new ProgramAhead(process.cwd()) : undefined;
const stand = {
  docker: () => dockerPlugin(undefined),
  kubernetes: () => kubernetesPlugin(undefined),
  nodejs: () => languagePlugin(undefined, ahead),
} as const;

await serve(positionals.map((name) => stand[name as keyof typeof stand]()));
