import type { CommanderError } from "commander";
import { Command, Option } from "commander";
import { exitWith } from "../local/errors.ts";
import { manifestsLauncher } from "./config-image.ts";
import type { LaunchCommand } from "./launch.ts";
import type { PackageOptions } from "./package.ts";
import type { ReadOptions, RunsOptions } from "./runs.ts";
import type { ValidateOptions } from "./validate.ts";

const runStatuses = ["starting", "in_progress", "completed", "cancelled", "incomplete", "unknown"];

function wrongUse({ exitCode }: CommanderError): never {
  process.exit(exitCode === 0 ? 0 : 2);
}

function ofStack(command: Command): Command {
  return command
    .option("-s, --stack <name>", "the stack", "antithesis")
    .option("--config-file <path>", "the stack's settings, where they are not in Pulumi.<stack>.yaml")
    .exitOverride(wrongUse);
}

/** For what talks with Antithesis. The key is an option of none: a command line is in the process list. */
function atAntithesis(command: Command): Command {
  return command
    .option("-t, --tenant <name>", "your tenant at Antithesis (or ANTITHESIS_TENANT)")
    .option("--timeout <seconds>", "how long an answer may take", "60")
    .addHelpText("after", "\nThe key is read from ANTITHESIS_API_KEY; ANTITHESIS_BASE_URL names another host.")
    .exitOverride(wrongUse);
}

function several(value: string, others: readonly string[]): string[] {
  return [...others, value];
}

function addLaunch(program: Command): void {
  atAntithesis(program.command("launch"))
    .description("begin a run")
    .requiredOption("--duration <minutes>", "how long to test")
    .option("--description <text>", "what the report is headed with")
    .option("--recipients <addresses>", "who gets the report: e-mail addresses with ; between them")
    .option("--config-image <image>", "the image with the manifests, where it is not that of the last `package`")
    .option("--registry <host[:port][/path]>", "the registry that was packaged for, where it is not the tenant's")
    .option("--images <images>", "images to pull in place of the manifests', with ; between them")
    .option("--test-name <text>", "the test's name")
    .option("--source <text>", "whose history the properties belong to, such as a branch")
    .option("--ephemeral", "leave no trace in the properties' history")
    .option("--filter-logs-matching <re2>", "leave out log lines that match")
    .option("--param <key=value>", "any other parameter; may be repeated", several, [])
    .option("--param-from-env <key=VARIABLE>", "one whose value is a secret in a variable", several, [])
    .option("--launcher <name>", "the launcher", manifestsLauncher)
    .option("--dry-run", "print the request, without the key, and send nothing")
    .action(async (options: LaunchCommand) => {
      await (await import("./launch.ts")).launch(options);
    });
}

function addReading(program: Command): void {
  atAntithesis(program.command("runs"))
    .description("list the runs, or show one")
    .argument("[run]", "the run's id")
    .option("--limit <number>", "how many to list", "20")
    .addOption(new Option("--status <status>", "list only these").choices(runStatuses))
    .option("--link", "print the address of the run's report, which opens it to whoever has it")
    .action(async (run: string | undefined, options: RunsOptions) => {
      await (await import("./runs.ts")).runs(run, options);
    });
  atAntithesis(program.command("report"))
    .description("print a run's properties, as npm run assertions does those of a local run")
    .argument("<run>", "the run's id")
    .action(async (run: string, options: ReadOptions) => {
      process.exitCode = await (await import("./report.ts")).report(run, options);
    });
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
    .description("bring all that a run needs to a registry, and print the config image, which `launch` takes")
    .addOption(new Option("-t, --tenant <name>", "whose registry the images go to").env("ANTITHESIS_TENANT"))
    .option("--registry <host[:port][/path]>", "another registry than the tenant's")
    .action(async (options: PackageOptions) => {
      await (await import("./package.ts")).packageStack(options);
    });
  addLaunch(program);
  addReading(program);
  await program.parseAsync();
}

await main().catch(exitWith);
