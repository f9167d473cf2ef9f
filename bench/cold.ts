import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { projectDir } from "../local/paths.ts";
import type { Figure } from "./result.ts";
import { seconds } from "./seconds.ts";

/**
 * A machine that has nothing: a fresh clone of what is committed, with every cache (npm's, Go's, the project's own) and
 * all state in an empty folder, from `npm ci` to the end of `npm run up`. Always one round: it takes as long as it takes.
 */
export async function run(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), "cold-"));
  const clone = join(folder, "clone");
  const env = {
    XDG_CACHE_HOME: join(folder, "cache"),
    XDG_STATE_HOME: join(folder, "state"),
    GOPATH: join(folder, "go"),
    GOCACHE: join(folder, "go-build"),
    // Go's modules are read-only otherwise, and could not be deleted afterwards.
    GOFLAGS: "-modcacherw",
    npm_config_cache: join(folder, "npm"),
  };
  const npm = (...args: string[]): Promise<number> => seconds(() => execa("npm", args, { ...shown, cwd: clone, env }));
  await execa(process.execPath, ["local/cluster/command.ts", "down"], shown);
  try {
    await execa("git", ["clone", "--quiet", projectDir, clone], shown);
    const install = await npm("ci");
    const up = await npm("run", "up");
    return [
      { name: "npm ci, nothing cached", unit: "s", samples: [install], judged: "max", bound: undefined },
      { name: "npm run up, nothing cached", unit: "s", samples: [up], judged: "max", bound: undefined },
      { name: "cold machine → done", unit: "s", samples: [install + up], judged: "max", bound: 15 * 60 },
    ];
  } finally {
    // Nothing may run from folders that are about to go.
    await execa("npm", ["run", "cluster", "--", "down"], { ...shown, cwd: clone, env, reject: false });
    await rm(folder, { recursive: true, force: true });
  }
}

const shown = { stdin: "ignore", stdout: "inherit", stderr: "inherit" } as const;
