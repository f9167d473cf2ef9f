import { mkdtemp, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { cacheDir, ensureDir } from "../paths.ts";
import type { PluginName } from "./versions.ts";

/** How long a download may take, in ms. */
const downloadLimit = 300_000;

/** How long it may take until the first byte is there, in ms: without a way to the outside none ever comes. */
const firstByteLimit = 8_000;

/** How often it is looked whether something came, in ms. */
const lookInterval = 250;

/** What the engine says of a machine with no way out, at which trying again is no use. */
const noWayOut = /no such host|network is unreachable|connection refused/;

/** After this time a place that could not be reached is tried again, in ms. */
const retryAfter = 24 * 60 * 60 * 1000;

/**
 * Downloads an official plugin with the engine's own means (`pulumi plugin install`) into a folder. A failure is
 * remembered for a day, for all plugins: they come from the same place.
 * @param place the folder, which is replaced in one step when the download is complete
 * @returns whether the plugin is there
 */
export async function downloadPlugin(
  environment: { [variable: string]: string | undefined },
  name: PluginName,
  version: string,
  place: string,
  report: (line: string) => void,
): Promise<boolean> {
  const memory = path.join(cacheDir, "plugins", "official-plugins.unreachable");
  const last = await stat(memory).catch(() => undefined);
  if (last !== undefined && Date.now() - last.mtimeMs < retryAfter) {
    return false;
  }
  report("asking for the official plugin");
  // A home of its own, next to where the plugin is to go, so that it can be moved there in one step.
  const home = await mkdtemp(path.join(ensureDir(path.join(cacheDir, "plugins")), "download-"));
  try {
    const problem = await install(environment, home, name, version);
    if (problem !== undefined) {
      await writeFile(memory, `${problem}\n`, { mode: 0o600 });
      return false;
    }
    ensureDir(path.dirname(place));
    await rm(place, { recursive: true, force: true });
    await rename(path.join(home, "plugins", path.basename(place)), place);
    await rm(memory, { force: true });
    return true;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function install(
  environment: { [variable: string]: string | undefined },
  home: string,
  name: PluginName,
  version: string,
): Promise<string | undefined> {
  // Loaded only here: it is seldom needed, and takes longer than all the rest.
  const { execa } = await import("execa");
  const silence = new AbortController();
  const started = Date.now();
  const look = setInterval(() => {
    void holdsData(home).then((some) => {
      if (some) {
        clearInterval(look);
      } else if (Date.now() - started > firstByteLimit) {
        silence.abort();
      }
    });
  }, lookInterval);
  try {
    const running = execa("pulumi", ["plugin", "install", "resource", name, `v${version}`], {
      env: { ...environment, PULUMI_HOME: home, TMPDIR: home, PULUMI_SKIP_UPDATE_CHECK: "1" },
      timeout: downloadLimit,
      cancelSignal: silence.signal,
      forceKillAfterDelay: 1000,
      stdin: "ignore",
      all: true,
      reject: false,
    });
    running.all.on("data", (chunk: Buffer) => {
      if (noWayOut.test(chunk.toString())) {
        silence.abort();
      }
    });
    const result = await running;
    return result.failed ? result.all || result.message : undefined;
  } finally {
    clearInterval(look);
  }
}

/** True when a file below a folder has contents. */
async function holdsData(folder: string): Promise<boolean> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((one) => one.isFile())) {
    const found = await stat(path.join(entry.parentPath, entry.name)).catch(() => undefined);
    if ((found?.size ?? 0) > 0 && !entry.name.endsWith(".lock") && !entry.name.endsWith(".json")) {
      return true;
    }
  }
  return false;
}
