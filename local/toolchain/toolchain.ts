import { existsSync } from "node:fs";
import path from "node:path";
import { cacheDir } from "../paths.ts";
import type { Phase } from "../phases.ts";
import { inTurns, type PhaseInTurn } from "./background.ts";
import { buildPrograms } from "./go-build.ts";
import { otherProgramsDirs, parts, programsDir, toolchainHash } from "./layout.ts";
import { makeOnce } from "./make-once.ts";
import { debianPackages, goBuilds, versions } from "./pins.ts";
import { type Plan, type PlannedBuild, startPlan } from "./plan.ts";
import { checkMachine } from "./preconditions.ts";
import { linkPrograms, presentPrograms, type PulumiChoice } from "./programs.ts";
import { askVersion } from "./pulumi-cli.ts";

export { toolchainHash };

/** A folder with every program of the toolchain under its usual name. Complete once the phases have run. */
export const toolchainBin = path.join(programsDir, "bin");

/**
 * Folders with the programs that can take a cluster down: ours, or those of another version where ours were never made, as
 * after an update of this project while the cluster of the old one runs.
 */
export function programFolders(): string[] {
  return existsSync(toolchainBin) ? [toolchainBin] : otherProgramsDirs().map((folder) => path.join(folder, "bin"));
}

/** A folder with the CNI plugins. Complete once the phases have run. */
export const cniBin = path.join(programsDir, "cni");

const built = "built from Go modules";
const cached = "from the cache";

type Report = (line: string) => void;

const clusterVersions = `Kubernetes ${versions.kubernetes}, etcd ${versions.etcd}, CoreDNS ${versions.coredns}`;

async function build(name: PlannedBuild, plan: Plan, report: Report, onLinking?: () => void): Promise<string> {
  const made = await makeOnce(parts[name], report, async (partial) => {
    const packages = await plan.modules(name)(report);
    await buildPrograms(goBuilds[name], partial, packages, report, onLinking);
  });
  return made ? built : cached;
}

async function choosePulumi(plan: Plan, report: Report): Promise<PulumiChoice> {
  if (plan.pulumiOnPath !== undefined) {
    return plan.pulumiOnPath;
  }
  const downloaded = path.join(parts.pulumiDownload, "bin", "pulumi");
  if (!existsSync(parts.pulumi) && (await plan.officialPulumi(report))) {
    const version = await askVersion(downloaded);
    if (version !== undefined) {
      return { file: downloaded, version, origin: "official release" };
    }
  }
  await build("pulumi", plan, report);
  return { file: path.join(parts.pulumi, "pulumi"), version: versions.pulumi, origin: built };
}

function makingPhases(): Phase[] {
  const started = new Map<"plan", Promise<Plan>>();
  const plan = () => {
    const running = started.get("plan") ?? startPlan();
    started.set("plan", running);
    return running;
  };
  let pulumi: PulumiChoice | undefined;
  // What one leaves of the cores, waiting for the network or linking, is for the next one.
  const making: PhaseInTurn[] = [
    {
      title: `Debian packages ${debianPackages.tools.join(", ")}`,
      run: async (report, next) => {
        const { debian } = await plan();
        next();
        return (await debian(report)) ? `unpacked into ${cacheDir}` : cached;
      },
    },
    ...(["etcd", "kubernetes", "coredns", "pause"] as const).map((name) => ({
      title: goBuilds[name].title,
      run: async (report: Report, next: () => void) => build(name, await plan(), report, next),
    })),
    {
      title: goBuilds.pulumi.title,
      run: async (report) => {
        pulumi = await choosePulumi(await plan(), report);
        return pulumi.version === versions.pulumi ? pulumi.origin : `${pulumi.version} ${pulumi.origin} will do`;
      },
    },
  ];
  return [
    { title: "toolchain", run: async () => (await plan()).summary },
    ...inTurns(making),
    {
      title: "programs",
      run: async (report) => {
        await linkPrograms(pulumi ?? (await choosePulumi(await plan(), report)));
        return toolchainBin;
      },
    },
  ];
}

/**
 * What makes every program of the local cluster present, in the cache and never in the system. When all is there it is
 * one phase that only says so.
 * @throws UserError (from the first phase) when this machine can't run the local cluster, has no Go to build with, or
 * has too little disk space
 */
export function toolchainPhases(): Phase[] {
  const present = presentPrograms();
  if (present === undefined) {
    return makingPhases();
  }
  return [
    {
      title: "toolchain",
      run: () => {
        checkMachine();
        return Promise.resolve(`${clusterVersions}, pulumi ${present.pulumi.version} (${present.pulumi.origin})`);
      },
    },
  ];
}
