import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import type { PropertyMap } from "../rpc/values.ts";
import { at, isMap, parseJson, textAt } from "../rpc/values.ts";

/** A package the program depends on, as installed; `plugin` when it is the SDK of a resource plugin. */
export interface InstalledPackage {
  name: string;
  version: string;
  plugin: { name: string; version: string; server: string } | undefined;
}

/**
 * The packages in `node_modules` that a program's `package.json` names as dependencies. One that is named and not
 * installed is left out: the program's own import says so best.
 */
export async function installedPackages(programDirectory: string): Promise<InstalledPackage[]> {
  const root = await nearestManifest(programDirectory);
  if (root === undefined) {
    return [];
  }
  const names = ["dependencies", "devDependencies"].flatMap((group) => Object.keys(mapAt(root.manifest, group)));
  const found = await Promise.all(names.sort().map((name) => installedPackage(root.directory, name)));
  return found.filter((one) => one !== undefined);
}

async function installedPackage(directory: string, name: string): Promise<InstalledPackage | undefined> {
  for (const folder of createRequire(path.join(directory, "package.json")).resolve.paths(name) ?? []) {
    const manifest = await readManifest(path.join(folder, name));
    if (manifest !== undefined) {
      const version = textAt(manifest, "version") ?? "";
      return { name, version, plugin: pluginOf(manifest, name, version) };
    }
  }
  return undefined;
}

function pluginOf(manifest: PropertyMap, name: string, version: string): InstalledPackage["plugin"] {
  const plugin = at(manifest, "pulumi");
  if (at(plugin, "resource") !== true) {
    return undefined;
  }
  return {
    name: textAt(plugin, "name") ?? name.replace(/^@pulumi\//, ""),
    version: textAt(plugin, "version") ?? version,
    server: textAt(plugin, "server") ?? "",
  };
}

async function nearestManifest(start: string): Promise<{ directory: string; manifest: PropertyMap } | undefined> {
  for (let directory = start; ; directory = path.dirname(directory)) {
    const manifest = await readManifest(directory);
    if (manifest !== undefined) {
      return { directory, manifest };
    }
    if (path.dirname(directory) === directory) {
      return undefined;
    }
  }
}

async function readManifest(directory: string): Promise<PropertyMap | undefined> {
  try {
    const parsed = parseJson(await readFile(path.join(directory, "package.json"), "utf8"));
    return isMap(parsed) ? parsed : undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) {
      return undefined;
    }
    throw new Error(`${path.join(directory, "package.json")} can't be read: ${String(error)}`, { cause: error });
  }
}

function mapAt(manifest: PropertyMap, key: string): PropertyMap {
  const found = at(manifest, key);
  return isMap(found) ? found : {};
}
