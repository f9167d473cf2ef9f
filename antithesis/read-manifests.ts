import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { UserError } from "../local/errors.ts";
import type { ManifestFile } from "../manifests/files.ts";
import type { KubernetesObject, Value } from "./object.ts";
import { isMap, listAt, textAt } from "./object.ts";

function objectsIn({ name, text }: ManifestFile): KubernetesObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new UserError(`${name} is not valid YAML: ${error.message.split("\n")[0] ?? ""}`);
    const value = document.toJS() as Value;
    if (value === null) return [];
    if (!isMap(value) || textAt(value, "kind") === "" || textAt(value, "apiVersion") === "") {
      throw new UserError(`${name} holds something that is no Kubernetes object: each needs apiVersion and kind`);
    }
    return textAt(value, "kind") === "List" ? listAt(value, "items").filter(isMap) : [value];
  });
}

/** The objects of manifest files. Throws UserError that names the file which is none. */
export function readObjects(files: readonly ManifestFile[]): KubernetesObject[] {
  return files.flatMap(objectsIn);
}

/** The manifest files of a folder. Throws UserError (exit code 2) where there is no such folder. */
export function filesIn(folder: string): ManifestFile[] {
  if (!existsSync(folder)) throw new UserError(`there is no folder ${folder}: name one with manifests`, 2);
  return readdirSync(folder)
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .sort()
    .map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
}
