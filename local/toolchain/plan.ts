import { existsSync } from "node:fs";
import { cacheDir } from "../paths.ts";
import { inBackground, type Reporting } from "./background.ts";
import { unpackPackages } from "./debian-packages.ts";
import { checkGo, downloadModules, type GoCaches } from "./go-build.ts";
import { parts } from "./layout.ts";
import { makeOnce } from "./make-once.ts";
import { debianPackages, goBuilds } from "./pins.ts";
import { checkMachine, checkSpace, type SpaceNeeded } from "./preconditions.ts";
import { findPulumiOnPath, type PulumiChoice } from "./programs.ts";
import { downloadPulumi } from "./pulumi-cli.ts";

/** A build's name. */
export type PlannedBuild = keyof typeof goBuilds;

/** What is to be made, with everything that only waits for the network under way. */
export interface Plan {
  summary: string;
  pulumiOnPath: PulumiChoice | undefined;
  /** Unpacks the Debian packages; tells whether they were missing. */
  debian: Reporting<boolean>;
  /** Fetches the official Pulumi CLI; tells whether it can be had. */
  officialPulumi: Reporting<boolean>;
  /** Downloads the modules of a build; gives the number of packages to compile at most. */
  modules(name: PlannedBuild): Reporting<number>;
}

const gigabyte = 1e9;

/** Gigabytes that a cold build writes to the cache and to Go's two caches, rounded up. */
const space: Record<PlannedBuild, { programs: number; modules: number; compiled: number }> = {
  etcd: { programs: 0.1, modules: 0.3, compiled: 0.6 },
  kubernetes: { programs: 0.3, modules: 1.2, compiled: 2.4 },
  coredns: { programs: 0.1, modules: 0.5, compiled: 0.9 },
  pause: { programs: 0, modules: 0, compiled: 0 },
  pulumi: { programs: 0.2, modules: 2.5, compiled: 1.8 },
};
const debianSpace = 0.8;

function spaceNeeded(builds: readonly PlannedBuild[], debian: boolean, go: GoCaches): SpaceNeeded[] {
  const bytes = (kind: "programs" | "modules" | "compiled") =>
    builds.reduce((sum, name) => sum + space[name][kind], 0) * gigabyte;
  return [
    { directory: cacheDir, bytes: bytes("programs") + (debian ? debianSpace * gigabyte : 0) },
    { directory: go.modules, bytes: bytes("modules") },
    { directory: go.compiled, bytes: bytes("compiled") },
  ];
}

function missingBuilds(pulumiOnPath: PulumiChoice | undefined): PlannedBuild[] {
  const names: PlannedBuild[] = ["etcd", "kubernetes", "coredns", "pause"];
  const missing = names.filter((name) => !existsSync(parts[name]));
  const pulumi = pulumiOnPath !== undefined || existsSync(parts.pulumi) || existsSync(parts.pulumiDownload);
  return pulumi ? missing : [...missing, "pulumi"];
}

function unpackDebian(report: (line: string) => void): Promise<boolean> {
  return makeOnce(parts.debian, report, (partial) =>
    unpackPackages(
      partial,
      [
        { name: "tools", packages: debianPackages.tools, standsAlone: false },
        { name: "rootfs", packages: debianPackages.rootfs, standsAlone: true },
      ],
      report,
    ),
  );
}

/** Modules of one build after the other, in the order in which they are compiled. */
function downloadInOrder(
  builds: readonly PlannedBuild[],
  officialPulumi: Reporting<boolean>,
): Map<PlannedBuild, Reporting<number>> {
  const downloads = new Map<PlannedBuild, Reporting<number>>();
  let before: Promise<unknown> = Promise.resolve();
  for (const name of builds) {
    const turn = before;
    const download = inBackground(async (report) => {
      await turn;
      const needless = name === "pulumi" && (await officialPulumi(report));
      return needless ? 0 : downloadModules(goBuilds[name], report);
    });
    downloads.set(name, download);
    before = download(() => undefined).then(
      () => undefined,
      () => undefined,
    );
  }
  return downloads;
}

function summary(builds: readonly PlannedBuild[], debian: boolean): string {
  const titles = builds.map((name) => goBuilds[name].title);
  const wanted = debian ? ["Debian packages", ...titles] : titles;
  return wanted.length === 0 ? "to be linked anew" : `to be made once, below ${cacheDir}: ${wanted.join(", ")}`;
}

/**
 * Checks what can be checked at once and starts every download.
 * @throws UserError when this machine can't run the local cluster, has no Go to build with, or too little disk space
 */
export async function startPlan(): Promise<Plan> {
  checkMachine();
  const pulumiOnPath = await findPulumiOnPath();
  const builds = missingBuilds(pulumiOnPath);
  const debianMissing = !existsSync(parts.debian);
  const titles = builds.map((name) => goBuilds[name].title).join(", ");
  const go = builds.length === 0 ? { modules: cacheDir, compiled: cacheDir } : await checkGo(titles);
  checkSpace(spaceNeeded(builds, debianMissing, go));
  const debian = inBackground(unpackDebian);
  const officialPulumi = builds.includes("pulumi")
    ? inBackground(downloadPulumi)
    : () => Promise.resolve(existsSync(parts.pulumiDownload));
  const downloads = downloadInOrder(builds, officialPulumi);
  return {
    summary: summary(builds, debianMissing),
    pulumiOnPath,
    debian,
    officialPulumi,
    modules: (name) => downloads.get(name) ?? ((report) => downloadModules(goBuilds[name], report)),
  };
}
