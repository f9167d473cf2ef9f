import { Command } from "commander";
import { prepareFileBackend, runPulumi, runUp, spawnPulumi, type Engine } from "./engine.ts";
import { exitWith } from "./errors.ts";
import type { EngineGround } from "./engine-ground.ts";
import { hasProtected, refuseProtected } from "./protection.ts";
import { isLocal, LOCAL_CONTEXT, readStackFile, type StackFile } from "./stack.ts";

type Operation = "up" | "preview" | "refresh" | "destroy";

interface Options {
  readonly stack: string;
  readonly configFile?: string;
}

/** The exports that make kubectl and pulumi work by hand; shown because a person on a bare box has neither. */
const LOCAL_PREFIX = 'eval "$(npm run -s cluster -- env)"';

const WHAT: Record<Operation, string> = {
  up: "create or update the stack's cluster, and show its members",
  preview: "show what up would change",
  refresh: "take over into the state what was changed by hand",
  destroy: "take the stack away, data included",
};

async function operate(operation: Operation, options: Options, rest: readonly string[]): Promise<number> {
  const stackFile = readStackFile(options.stack, options.configFile);
  const ground = isLocal(stackFile) ? await prepareLocal(operation) : undefined;
  const engine: Engine = {
    environment: ground?.environment ?? {},
    stack: options.stack,
    configFile: options.configFile,
    held: ground?.besideEngine?.lifeline,
  };
  try {
    const state = ground === undefined ? undefined : await prepareBackend(engine);
    if (operation === "destroy") {
      refuseProtected(engine, stackFile.protect, state === undefined ? undefined : hasProtected(state));
    }
    const local = ground !== undefined;
    if (operation === "up") return await up(engine, stackFile, local, rest);
    return await runPulumi(engine, [operation, ...flags(operation, local), ...rest]);
  } finally {
    ground?.besideEngine?.end();
  }
}

async function up(engine: Engine, stackFile: StackFile, local: boolean, rest: readonly string[]): Promise<number> {
  // The engine mostly waits: what shows the summary is loaded meanwhile.
  const [{ code, outputs }, show] = await Promise.all([
    runUp(engine, [...flags("up", local), ...rest]),
    import("./summary.ts"),
  ]);
  if (code !== 0 || outputs === undefined) return code;
  const place = {
    kubeconfig: stackFile.kubeconfig ?? engine.environment["KUBECONFIG"],
    context: stackFile.context ?? LOCAL_CONTEXT,
  };
  process.stdout.write(await show.summary(outputs, place, local ? LOCAL_PREFIX : undefined));
  return code;
}

/** Locally nothing needs to be asked: `preview` is there for who wants to see first. Elsewhere Pulumi asks, as always. */
function flags(operation: Operation, local: boolean): string[] {
  if (!local) return operation === "up" ? ["--suppress-outputs"] : [];
  switch (operation) {
    case "up":
      return ["--yes", "--skip-preview", "--suppress-outputs", "--suppress-permalink=true"];
    case "preview":
      return ["--suppress-permalink=true"];
    case "refresh":
    case "destroy":
      return ["--yes", "--skip-preview", "--suppress-permalink=true"];
  }
}

/** Brings what the machine lacks; loaded only here, so that nothing of it runs for a stack on one's own cluster. */
async function prepareLocal(operation: Operation): Promise<EngineGround> {
  const { prepareEngine } = await import("./engine-ground.ts");
  return await prepareEngine(operation === "up" || operation === "preview");
}

async function prepareBackend(engine: Engine): Promise<string> {
  const { backendFolder } = await import("./machine.ts");
  return await prepareFileBackend(engine, backendFolder);
}

/** Any other Pulumi command, as it was typed, with the local engine and backend where the dev stack is local. */
async function passThrough(args: readonly string[]): Promise<number> {
  const local = isLocal(readStackFile(stackIn(args), undefined));
  const environment = local ? await (await import("./machine.ts")).pulumiEnvironment() : {};
  return await spawnPulumi({ environment, held: undefined }, args);
}

function stackIn(args: readonly string[]): string {
  const at = args.findIndex((arg) => arg === "--stack" || arg === "-s");
  const joined = args.find((arg) => arg.startsWith("--stack="))?.slice("--stack=".length);
  return joined ?? (at >= 0 ? args[at + 1] : undefined) ?? process.env["PULUMI_STACK"] ?? "dev";
}

async function main(): Promise<void> {
  const program = new Command("npm run").description(
    "Runs the Pulumi program on a stack; the dev stack brings its own cluster.",
  );
  for (const operation of Object.keys(WHAT) as Operation[]) {
    program
      .command(operation)
      .description(WHAT[operation])
      .argument("[flags...]", "flags for Pulumi itself, after --")
      .option("-s, --stack <name>", "the stack", process.env["PULUMI_STACK"] ?? "dev")
      .option("--config-file <path>", "the stack's settings, where they are not in Pulumi.<stack>.yaml")
      .allowUnknownOption()
      .action(async (_rest: string[], options: Options, command: Command) => {
        process.exitCode = await operate(operation, options, command.args);
      });
  }
  const [first] = process.argv.slice(2);
  if (first !== undefined && !first.startsWith("-") && !(first in WHAT)) {
    process.exitCode = await passThrough(process.argv.slice(2));
    return;
  }
  await program.parseAsync();
}

await main().catch(exitWith);
