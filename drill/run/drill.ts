import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { commit } from "../commit.ts";
import { type World } from "../cluster/world.ts";
import { Journal } from "../faults/journal.ts";
import { assertedIn } from "../judge/assertions.ts";
import { type Beginning } from "../judge/cluster-properties.ts";
import { judge } from "../judge/report.ts";
import { argumentsAgain, commandAgain } from "../again.ts";
import { DrillError, plannedFaults, type DrillOptions } from "../options.ts";
import { type Report, type RunParameters } from "../report-format.ts";
import { writeReportHtml } from "../report/write.ts";
import { finalDumpFile, lookAtTheEnd } from "./final-look.ts";
import { Injector, undoAll } from "./injector.ts";
import { Monitor } from "./monitor.ts";
import { type Screen } from "./screen.ts";
import { TestCommands } from "./test-commands.ts";
import { Traffic, usualTraffic } from "./traffic.ts";

/** etcd's default, which the members run with. */
const electionMs = 1_000;
const deadlineMs = 2_000;
const recoverMs = 120_000;

/**
 * The whole drill: traffic, faults, recovery, a last look, judgement.
 * @param stop aborted: no more faults are begun, what is on is undone, and what there was is judged
 * @param folder for the report and the histories; made here
 * @throws DrillError where it could not run; by then everything is undone
 */
export async function runDrill(
  options: DrillOptions,
  world: World,
  screen: Screen,
  stop: AbortController,
  folder: string,
): Promise<Report> {
  // Of what runs now: the repository may go on meanwhile.
  const ofCommit = await commit(options.table);
  const journal = new Journal(world.kubernetes.place);
  await heal(world, journal, screen.say);
  const planned = plannedFaults(options, world.replicas);
  const clients = (await world.clients()).filter(({ ready }) => ready).map(({ name }) => name);
  if (clients.length === 0)
    throw new DrillError("there is no client pod that runs: set etcd:clientReplicas to 1 or more");
  screen.say(`${planned.length} faults planned: plan ${options.plan}, seed ${options.seed}, ${world.reach.name}`);
  const beginning = await beginningOf(world);
  mkdirSync(folder, { recursive: true });
  if (existsSync(path.join(folder, finalDumpFile))) {
    throw new DrillError(`${folder} holds the files of another drill: name another folder with --out`);
  }

  const name = `drill-${Date.now().toString(36)}`;
  const prefix = `${name}/`;
  const testCommands = new TestCommands(world, clients, name);
  await testCommands.begin();
  const traffic = new Traffic(world, {
    ...(options.aim?.traffic ?? usualTraffic),
    ...{ prefix, rate: options.rate, deadlineMs },
    atMostMs: options.durationMs + 2 * recoverMs + 600_000,
  });
  const monitor = new Monitor(world, (view) => screen.view(view));
  const began = Date.now();
  const timing = { world, journal, monitor, began, durationMs: options.durationMs };
  const injector = new Injector({ ...timing, stop: stop.signal, keepGoing: options.keepGoing, say: screen.say });
  screen.begin(began, options.durationMs);
  traffic.start(clients);
  monitor.start();
  let healthy = false;
  try {
    await injector.run(planned);
    const left = injector.gaveUp ? 0 : Math.max(0, began + options.durationMs - Date.now());
    await sleep(left, undefined, { signal: stop.signal }).catch(() => undefined);
  } finally {
    const over = injector.gaveUp
      ? "one could not be done or undone, so there are no more faults"
      : "all faults are over";
    screen.say(`${over}: waiting until all members are healthy`);
    await undoAll(world, journal, journal.open);
    healthy = await monitor.healthyWithin(recoverMs);
    await sleep(1_000);
    await testCommands.stop();
    await traffic.stop();
    await monitor.stop();
  }
  screen.say(healthy ? "all members are healthy: reading everything from each of them" : "the members are not healthy");
  const files = await traffic.collect(folder);
  await testCommands.conclude();
  const asserted = assertedIn(await testCommands.collect(folder));
  const end = await lookAtTheEnd(world, prefix, folder, healthy);
  const interrupted = stop.signal.aborted ? ["the drill was ended before its time"] : [];
  screen.say("judging");
  return judge({
    ...{ began, endedAt: Date.now(), injected: injector, views: monitor.views, beginning, end, files },
    ...{ timing: { electionMs, deadlineMs }, asserted: asserted.events },
    warnings: [...interrupted, ...traffic.warnings, ...testCommands.warnings, ...asserted.warnings],
    run: { ...parameters(options, world), commit: ofCommit, planned, clients: clients.length },
    versions: await versionsOf(world),
    settings: await settingsOf(world, options),
  });
}

/** Undoes what an earlier drill left behind. @throws DrillError where that fails */
export async function heal(world: World, journal: Journal, say: (line: string) => void): Promise<void> {
  if (journal.open.length === 0) return;
  say(`an earlier drill left ${journal.open.length} things to undo`);
  const problems = await undoAll(world, journal, journal.open);
  if (problems.length > 0) throw new DrillError(problems.join("; "));
}

async function beginningOf(world: World): Promise<Beginning> {
  const healthy = await world.until(60_000, async () => {
    const view = await world.look();
    return view.healthy ? view : undefined;
  });
  if (healthy === undefined) {
    const unwell = (await world.look()).members.filter(({ ready }) => !ready).map(({ pod }) => pod);
    const why = await world.whyNotRunning(unwell);
    throw new DrillError(
      `the cluster is not healthy before any fault: a drill would prove nothing. Not ready: ${unwell.join(", ")}${why}`,
    );
  }
  const ids = new Map(healthy.members.flatMap(({ pod, status }) => (status ? [[pod, status.memberId] as const] : [])));
  return { ids, pods: await world.members() };
}

function parameters(options: DrillOptions, world: World): Omit<RunParameters, "planned" | "clients" | "commit"> {
  const { context, namespace } = world.kubernetes.place;
  const again = argumentsAgain({ ...options, reach: world.reach.name });
  return {
    plan: options.plan,
    seed: options.seed,
    durationMs: options.durationMs,
    onlyFaults: options.onlyFaults,
    stack: options.stack,
    context,
    namespace,
    reach: world.reach.name,
    members: world.replicas,
    command: commandAgain(again),
    arguments: again,
  };
}

async function versionsOf(world: World): Promise<Record<string, string>> {
  const args = [...world.kubernetes.kubectlArgs(), "version", "-o", "json"];
  const { stdout } = await execa("kubectl", args, { reject: false });
  const server = /"serverVersion".*?"gitVersion": "([^"]+)"/s.exec(stdout)?.[1];
  const { members } = await world.look();
  const etcd = [...new Set(members.flatMap(({ status }) => status?.version ?? []))].join(", ");
  return { etcd, ...(server === undefined ? {} : { kubernetes: server }), node: process.version };
}

async function settingsOf(world: World, { rate }: DrillOptions): Promise<Record<string, string>> {
  const { replicas, image, resources } = await world.kubernetes.statefulSet(world.name);
  const timing = {
    "election timeout": `${electionMs} ms`,
    "operations per client pod": rate === 0 ? "unlimited" : `${rate}/s`,
  };
  return { replicas: String(replicas), image, ...resources, ...timing };
}

/** report.json, and report.html beside it. @returns both files */
export async function writeReport(report: Report, folder: string): Promise<string[]> {
  const files = ["report.json", "report.html"].map((name) => path.join(folder, name));
  const [json = "", html = ""] = files;
  writeFileSync(json, `${JSON.stringify(report)}\n`);
  await writeReportHtml(report, html);
  return files;
}
