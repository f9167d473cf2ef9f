import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { ObjectGroup } from "../components/object-groups.ts";
import { UserError } from "../local/errors.ts";

/** A manifest file: its name in the folder, and its text. */
export interface ManifestFile {
  readonly name: string;
  readonly text: string;
}

/** Names sort in the order in which the groups need each other: kubectl applies a folder's files by name. */
const ours = /^\d\d-[a-z]+\.yaml$/;

/** The same groups give the same bytes. */
export function manifestFiles(groups: readonly ObjectGroup[]): ManifestFile[] {
  return groups.map(({ name, objects }, index) => ({
    name: `${index + 1}0-${name}.yaml`,
    // Without anchors: readers of manifests are not all full YAML parsers. By way of JSON, so that what is undefined is absent.
    text: objects
      .map((object) => stringify(JSON.parse(JSON.stringify(object)), { aliasDuplicateObjects: false, lineWidth: 0 }))
      .join("---\n"),
  }));
}

/**
 * Makes a folder hold exactly these manifests.
 * @throws UserError (exit code 2) where it holds others, which `kubectl apply -f` would apply as well
 */
export function writeManifests(folder: string, files: readonly ManifestFile[]): void {
  mkdirSync(folder, { recursive: true });
  const present = readdirSync(folder).filter((name) => /\.(ya?ml|json)$/.test(name));
  const foreign = present.find((name) => !ours.test(name));
  if (foreign !== undefined) {
    throw new UserError(
      `--out ${folder} holds ${foreign}, which \`kubectl apply -f ${folder}\` would apply too: name an empty folder`,
      2,
    );
  }
  for (const name of present) rmSync(join(folder, name));
  for (const { name, text } of files) writeFileSync(join(folder, name), text);
}
