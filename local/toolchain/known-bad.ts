import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { cacheDir } from "../paths.ts";
import type { Phase } from "../phases.ts";
import { buildPrograms, checkGo, downloadModules } from "./go-build.ts";
import { makeOnce } from "./make-once.ts";
import type { GoBuild } from "./pins.ts";

const folder = path.join(import.meta.dirname, "known-bad");

/** The etcd releases with a known defect that can be built: each has its pinned modules in a folder here. */
export function knownBadVersions(): string[] {
  return readdirSync(folder)
    .map((name) => name.replace(/^etcd-/, ""))
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
}

function goBuild(version: string): GoBuild {
  return {
    name: `known-bad/etcd-${version}`,
    title: `etcd ${version}`,
    steps: [{ programs: { "go.etcd.io/etcd/server/v3": "etcd" } }],
  };
}

/** File of the program, once its phase has run. Only the server: etcdctl and etcdutl are the toolchain's. */
export function knownBadEtcd(version: string): string {
  const sum = createHash("sha256");
  for (const name of ["go.mod", "go.sum"]) sum.update(readFileSync(path.join(folder, `etcd-${version}`, name)));
  return path.join(cacheDir, "toolchain", `known-bad-etcd-${version}-${sum.digest("hex").slice(0, 16)}`, "etcd");
}

/** Makes an old etcd present in the cache. It is built only when asked for, and no other part of the toolchain is touched. */
export function knownBadPhase(version: string): Phase {
  const build = goBuild(version);
  const file = knownBadEtcd(version);
  return {
    title: existsSync(file) ? build.title : `${build.title} (to be built from Go modules once, in a minute or some)`,
    run: async (report) => {
      const made = await makeOnce(path.dirname(file), report, async (partial) => {
        await checkGo(build.title);
        await buildPrograms(build, partial, await downloadModules(build, report), report);
      });
      return made ? "built from Go modules" : "from the cache";
    },
  };
}
