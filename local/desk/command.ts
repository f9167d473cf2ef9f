import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { Command, type CommanderError } from "commander";
import { Unreachable } from "../../desk/connection.ts";
import { exitWith, UserError } from "../errors.ts";
import { cacheDir } from "../paths.ts";
import { status, type StatusOptions } from "./status.ts";

function forStack(command: Command): Command {
  return command
    .option("-s, --stack <name>", "the stack", process.env["PULUMI_STACK"] ?? "dev")
    .option("--config-file <path>", "the stack's settings, where they are not in Pulumi.<stack>.yaml")
    .exitOverride(wrongUse);
}

function wrongUse({ exitCode }: CommanderError): never {
  process.exit(exitCode === 0 ? 0 : 2);
}

async function main(): Promise<void> {
  const program = new Command("npm run")
    .description("Looks at a stack's members, and mends what no restart mends.")
    .exitOverride(wrongUse);
  forStack(program.command("status"))
    .description("show the members, their pods and volumes, and what differs from what is declared")
    .option("--json", "as one line of JSON", false)
    .option("--watch", "again every 2 s, until Ctrl-C", false)
    .addHelpText(
      "after",
      "\nExit code: 0 everything is as declared, 1 something differs or can't be seen, 2 wrong use.",
    )
    .action(async (options: StatusOptions) => {
      process.exitCode = await status(options);
    });
  await program.parseAsync();
}

enableCompileCache(join(cacheDir, "compiled"));
await main().catch((error: unknown) => exitWith(error instanceof Unreachable ? new UserError(error.message) : error));
