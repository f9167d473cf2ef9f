import { createRequire } from "node:module";
import process from "node:process";
import { text } from "node:stream/consumers";
import type { CommandLine } from "./ahead.ts";

// The Node.js of a program that has still to come (ahead.ts): loads the SDK, and then waits for what to run.

/**
 * What every program loads, in the SDK's own order: the first changes how the others load when a trace is wanted. The launcher
 * itself can't be loaded ahead: it begins to run.
 */
const sdkModulesAhead = ["@pulumi/pulumi/cmd/run/instrumentation", "@pulumi/pulumi/cmd/run/tracing", "@pulumi/pulumi"];

const require = createRequire(process.argv[2] ?? "");
for (const name of sdkModulesAhead) require(name);
// The launcher waits for this too; it is told of every script that is loaded.
await (
  require("@pulumi/pulumi/runtime/closure/v8Hooks") as { isInitializedAsync(): Promise<void> }
).isInitializedAsync();

const said = await text(process.stdin);
// Nothing: there is no program to run any more.
if (said !== "") {
  const { launcher, args, directory, environment } = JSON.parse(said) as CommandLine;
  process.argv.splice(1, Infinity, launcher, ...args);
  Object.assign(process.env, environment);
  process.chdir(directory);
  require(launcher);
}
