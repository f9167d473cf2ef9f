import { Command } from "commander";
import { existsSync } from "node:fs";
import process from "node:process";
import { exitWith, UserError } from "../errors.ts";
import { runPhases } from "../phases.ts";
import { kubeconfigFile } from "./folders.ts";
import { readRecord } from "./record.ts";

function requireCluster(): void {
  if (readRecord() === undefined || !existsSync(kubeconfigFile)) {
    throw new UserError("there is no local cluster: start one with `npm run cluster -- up`");
  }
}

async function up(): Promise<void> {
  const [{ toolchainPhases }, { clusterPhases }, { baseImagePhases }] = await Promise.all([
    import("../toolchain/toolchain.ts"),
    import("./phases.ts"),
    import("../images/images.ts"),
  ]);
  await runPhases([...toolchainPhases(), ...clusterPhases(), ...baseImagePhases()]);
}

async function down(): Promise<void> {
  const { clusterDown } = await import("./down.ts");
  await runPhases([
    {
      title: "taking the local cluster down",
      run: async (report) => ((await clusterDown(report)) ? "gone" : "there was none"),
    },
  ]);
}

async function status(): Promise<void> {
  const [{ clusterStatus }, { statusTable }] = await Promise.all([import("./status.ts"), import("./status-table.ts")]);
  const components = await clusterStatus();
  if (components === undefined) {
    requireCluster();
    return;
  }
  process.stdout.write(statusTable(components));
  const unwell = components.filter(({ healthy }) => !healthy).map(({ name }) => name);
  if (unwell.length > 0) {
    throw new UserError(`not well: ${unwell.join(", ")}; \`npm run cluster -- up\` repairs it`);
  }
}

async function env(): Promise<void> {
  requireCluster();
  const { localEnvironment } = await import("./environment.ts");
  const quoted = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`;
  for (const [name, value] of Object.entries(localEnvironment())) {
    process.stdout.write(`export ${name}=${quoted(value)}\n`);
  }
}

const program = new Command("npm run cluster --")
  .description("The local one-node Kubernetes cluster.")
  .configureHelp({ showGlobalOptions: true })
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
program.command("up").description("start the cluster, or repair it; its objects and volumes stay").action(up);
program.command("status").description("show its components; exit code 1 when something is not right").action(status);
program
  .command("down")
  .description("stop it and remove its objects and volumes; images stay for the next start")
  .action(down);
program
  .command("logs")
  .description("show what a component said last, or all of them")
  .argument("[component]", "its name, as `status` shows it")
  .option("-n, --lines <count>", "how many lines of each", "40")
  .option("-f, --follow", "go on as more is said")
  .action(async (component: string | undefined, options: { lines: string; follow?: boolean }) => {
    const { showLogs } = await import("./logs.ts");
    await showLogs(component, options.lines, options.follow === true);
  });
program
  .command("kubeconfig")
  .description("print the path of its kubeconfig and nothing else")
  .action(() => {
    requireCluster();
    process.stdout.write(`${kubeconfigFile}\n`);
  });
program
  .command("env")
  .description(
    'print shell exports: eval "$(npm run -s cluster -- env)" makes pulumi, kubectl, docker and etcdctl use it',
  )
  .action(env);

await program.parseAsync().catch(exitWith);
