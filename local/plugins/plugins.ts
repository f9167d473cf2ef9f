import { existsSync } from "node:fs";
import { mkdir, readlink, realpath, rename, rm, stat, symlink } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import process from "node:process";
import { projectDir } from "../paths.ts";
import type { Phase } from "../phases.ts";
import { downloadPlugin } from "./download.ts";
import type { PluginName } from "./versions.ts";
import { installedVersion } from "./versions.ts";

/** The variables of the environment in which the Pulumi engine will run. */
export type PluginEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * Makes the plugins that the program needs available to the engine: the official ones where they are installed or can be
 * downloaded, else the local stand-ins. Each phase's decision says which. Nothing is done where all is in place.
 * @param environment PULUMI_HOME must be set: the engine looks for plugins in its folder `plugins`; PATH is where
 *   `pulumi` is found
 */
export function pluginPhases(environment: PluginEnvironment): Phase[] {
  return [
    languageHostPhase(environment),
    resourcePluginPhase(environment, "kubernetes"),
    resourcePluginPhase(environment, "docker"),
  ];
}

/** What a stand-in stands in for, as the engine calls it. */
export type StandIn = PluginName | "nodejs";

/**
 * The plugins for which the engine would take a stand-in of this clone now.
 * @param environment as for {@link pluginPhases}
 */
export async function standInsInPlace(environment: PluginEnvironment): Promise<StandIn[]> {
  const places = [
    languageHost(environment),
    resourcePlugin(environment, "kubernetes"),
    resourcePlugin(environment, "docker"),
  ];
  const found = await Promise.all(
    places.map(async ({ name, program, place, standIn }) => {
      const linked = (await linkTarget(place)) === standIn;
      return linked && (await officialAtHand(environment, program)) === undefined ? [name] : [];
    }),
  );
  return found.flat();
}

interface Place {
  readonly name: StandIn;
  readonly program: string;
  /** Where the engine looks for it. */
  readonly place: string;
  readonly standIn: string;
}

function languageHost(environment: PluginEnvironment): Place {
  const program = "pulumi-language-nodejs";
  return {
    name: "nodejs",
    program,
    place: pluginPlace(environment, "language-nodejs", installedVersion("pulumi"), program),
    standIn: standIn("language-nodejs", program),
  };
}

function resourcePlugin(environment: PluginEnvironment, name: PluginName): Place {
  const program = `pulumi-resource-${name}`;
  return {
    name,
    program,
    place: pluginPlace(environment, `resource-${name}`, installedVersion(name), program),
    standIn: standIn(name, program),
  };
}

/** The engine prefers one in PATH, and takes a language host beside itself: the official CLI comes with it. */
async function officialAtHand(environment: PluginEnvironment, program: string): Promise<string | undefined> {
  const searchPath = environment["PATH"] ?? "";
  const inPath = await findProgram(program, searchPath);
  if (inPath !== undefined || !program.startsWith("pulumi-language-")) return inPath;
  const pulumi = await findProgram("pulumi", searchPath);
  const beside = pulumi === undefined ? undefined : path.join(path.dirname(await realpath(pulumi)), program);
  return beside !== undefined && existsSync(beside) ? beside : undefined;
}

function languageHostPhase(environment: PluginEnvironment): Phase {
  return {
    title: "Node.js language host",
    run: async () => {
      const { program, place, standIn } = languageHost(environment);
      const official = await officialAtHand(environment, program);
      if (official !== undefined) {
        return `the official one (${official})`;
      }
      await link(standIn, place);
      return "local stand-in, this pulumi comes without one";
    },
  };
}

function resourcePluginPhase(environment: PluginEnvironment, name: PluginName): Phase {
  const version = installedVersion(name);
  return {
    title: `${name} plugin ${version}`,
    run: async (report) => {
      const { program, place, standIn } = resourcePlugin(environment, name);
      const ambient = await officialAtHand(environment, program);
      if (ambient !== undefined) {
        return `the one in PATH (${ambient})`;
      }
      const present = await linkTarget(place);
      if (present === "a file") {
        return "the official one";
      }
      const users = path.join(homedir(), ".pulumi", "plugins", `resource-${name}-v${version}`, program);
      if (path.resolve(users) !== path.resolve(place) && existsSync(users)) {
        await link(users, place);
        return "the official one, from ~/.pulumi";
      }
      if (await downloadPlugin(environment, name, version, path.dirname(place), report)) {
        return "the official one, downloaded";
      }
      await link(standIn, place);
      return "local stand-in, the official one is not reachable";
    },
  };
}

function standIn(folder: string, program: string): string {
  return path.join(projectDir, "local", "plugins", folder, program);
}

function pluginPlace(environment: PluginEnvironment, plugin: string, version: string, program: string): string {
  const home = environment["PULUMI_HOME"];
  if (home === undefined) {
    throw new Error("PULUMI_HOME is not set: there is no place of their own for the plugins");
  }
  return path.join(home, "plugins", `${plugin}-v${version}`, program);
}

/** Puts a link in place, in one step: another run may be starting the plugin. */
async function link(target: string, place: string): Promise<void> {
  if ((await linkTarget(place)) === target) {
    return;
  }
  await mkdir(path.dirname(place), { recursive: true, mode: 0o700 });
  const fresh = `${place}.${process.pid}`;
  await rm(fresh, { force: true });
  await symlink(target, fresh);
  await rename(fresh, place);
}

async function linkTarget(place: string): Promise<string | undefined> {
  try {
    return await readlink(place);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EINVAL") {
      return "a file";
    }
    return undefined;
  }
}

async function findProgram(name: string, searchPath: string): Promise<string | undefined> {
  for (const folder of searchPath.split(path.delimiter).filter((one) => one !== "")) {
    const file = path.join(folder, name);
    const found = await stat(file).catch(() => undefined);
    if (found?.isFile() === true && (found.mode & 0o111) !== 0) {
      return file;
    }
  }
  return undefined;
}
