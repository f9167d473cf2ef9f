import { Command, type CommanderError } from "commander";
import { Unreachable } from "../../desk/connection.ts";
import { NotDone } from "../../desk/recovery.ts";
import { TimedOut } from "../../desk/waiting.ts";
import { exitWith, UserError } from "../errors.ts";
import { recoverMajority, replace } from "./member.ts";
import { plan, type PlanOptions } from "./plan.ts";
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
  forStack(program.command("plan"))
    .description("show what the members would do if replicas changed, and whether that is safe now; changes nothing")
    .option("--replicas <number>", "1 to 9; without it, what the stack's settings declare")
    .option("--hibernate", "plan for a cluster that rests, with everything kept")
    .addHelpText("after", "\nExit code: 0 safe, 1 it would be refused or can't be seen, 2 wrong use.")
    .action(async (options: PlanOptions) => {
      process.exitCode = await plan(options);
    });
  const member = program
    .command("member")
    .description("mend one member, or a cluster that lost its majority")
    .exitOverride(wrongUse);
  forStack(member.command("replace"))
    .description("give up one member's volume and let the others fill a new one")
    .argument("<name>", "the member, such as etcd-1")
    .option("--confirm <name>", "the same name once more, instead of typing it when asked")
    .action(replace);
  forStack(member.command("recover"))
    .description(
      "after a majority was lost for good: go on from the best surviving member (docs/runbooks/lost-majority.md)",
    )
    .option("--confirm <name>", "the survivor's name, instead of typing it when asked")
    .option("--snapshot <file>", "where its data is saved first")
    .action(recoverMajority);
  await program.parseAsync();
}

function canBeActedOn(error: unknown): error is Error {
  return [Unreachable, TimedOut, NotDone].some((kind) => error instanceof kind);
}

await main().catch((error: unknown) => exitWith(canBeActedOn(error) ? new UserError(error.message) : error));
