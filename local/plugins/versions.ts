import { readFileSync } from "node:fs";
import path from "node:path";
import { projectDir } from "../paths.ts";

/** The packages whose resource plugins a program of this project needs. */
export type PluginName = "kubernetes" | "docker";

/** The version of an installed SDK package, such as `4.34.2`: its plugin has the same. */
export function installedVersion(name: PluginName | "pulumi"): string {
  const file = path.join(projectDir, "node_modules", "@pulumi", name, "package.json");
  const version = /"version":\s*"([^"]+)"/.exec(readFileSync(file, "utf8"))?.[1];
  if (version === undefined) {
    throw new Error(`${file} names no version`);
  }
  return version;
}
