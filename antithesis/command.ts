import { enableCompileCache } from "node:module";
import { join } from "node:path";
import type { CommanderError } from "commander";
import { Command, Option } from "commander";
import { exitWith } from "../local/errors.ts";
import { cacheDir } from "../local/paths.ts";
import type { PackageOptions } from "./package.ts";
import type { ValidateOptions } from "./validate.ts";

function wrongUse({ exitCode }: CommanderError): never {
  process.exit(exitCode === 0 ? 0 : 2);
}

function ofStack(command: Command): Command {
  return command
    .option("-s, --stack <name>", "the stack", "antithesis")
    .option("--config-file <path>", "the stack's settings, where they are not in Pulumi.<stack>.yaml")
    .exitOverride(wrongUse);
}

async function main(): Promise<void> {
  const program = new Command("npm run antithesis --")
    .description("Takes the cluster and its workload to Antithesis.")
    .addHelpText("after", "\nExit code: 0 done, 1 failed or refused, 2 wrong use.")
    .exitOverride(wrongUse);
  ofStack(program.command("validate"))
    .description("judge the manifests by the rules of Antithesis' Kubernetes environment")
    .option("--manifests <folder>", "judge this folder's manifests in place of the stack's")
    .action(async (options: ValidateOptions) => {
      process.exitCode = await (await import("./validate.ts")).validate(options);
    });
  ofStack(program.command("package"))
    .description("bring all that a run needs to a registry, and print the config image that `launch` is given")
    .addOption(new Option("-t, --tenant <name>", "whose registry the images go to").env("ANTITHESIS_TENANT"))
    .option("--registry <host[:port][/path]>", "another registry than the tenant's")
    .action(async (options: PackageOptions) => {
      await (await import("./package.ts")).packageStack(options);
    });
  await program.parseAsync();
}

enableCompileCache(join(cacheDir, "compiled"));
await main().catch(exitWith);
