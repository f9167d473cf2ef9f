import { createHash } from "node:crypto";
import { existsSync, lstatSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { cacheDir } from "../paths.ts";
import { cniPlugins, debianPackages, debianPrograms, type GoBuild, goBuilds } from "./pins.ts";

/** Changes when what is made of the same pins changes: how programs are unpacked, linked or wrapped. */
const layoutVersion = 1;

const root = path.join(cacheDir, "toolchain");

function hash(...parts: string[]): string {
  const sum = createHash("sha256");
  for (const part of parts) {
    sum.update(`${part.length}:`).update(part);
  }
  return sum.digest("hex").slice(0, 16);
}

/**
 * A build's name in the cache: everything its programs are made of except the Go release, so that a machine whose Go
 * is upgraded, or gone, keeps what it has.
 */
function goBuildKey(build: GoBuild): string {
  const folder = path.join(import.meta.dirname, build.name);
  const sources = readdirSync(folder).sort();
  return hash(
    String(layoutVersion),
    JSON.stringify(build),
    ...sources.flatMap((file) => [file, readFileSync(path.join(folder, file), "utf8")]),
  );
}

const goBuildDirs = {
  etcd: path.join(root, `etcd-${goBuildKey(goBuilds.etcd)}`),
  kubernetes: path.join(root, `kubernetes-${goBuildKey(goBuilds.kubernetes)}`),
  coredns: path.join(root, `coredns-${goBuildKey(goBuilds.coredns)}`),
  pause: path.join(root, `pause-${goBuildKey(goBuilds.pause)}`),
  pulumi: path.join(root, `pulumi-${goBuildKey(goBuilds.pulumi)}`),
};

/** Where each part of the toolchain lies once it is made. A folder that exists is complete. */
export const parts = {
  ...goBuildDirs,
  pulumiDownload: `${goBuildDirs.pulumi}-official`,
  debian: path.join(root, `debian-${hash(JSON.stringify(debianPackages), String(layoutVersion))}`),
};

const { pulumi, pulumiDownload, ...clusterParts } = parts;

function namesOf(folders: readonly string[]): string[] {
  return folders.map((folder) => path.basename(folder));
}

/** Changes with any pin of what the cluster runs on: clusters of one hash are made of the same programs. */
export const toolchainHash = hash(String(layoutVersion), ...namesOf(Object.values(clusterParts)));

const programsHash = hash(
  toolchainHash,
  ...namesOf([pulumi, pulumiDownload]),
  JSON.stringify([debianPrograms, cniPlugins]),
);

/** A symbolic link to the folder of all programs, swapped as a whole. */
export const programsDir = path.join(root, `programs-${programsHash}`);

/** Folders of all programs of other versions that were made in this cache, the newest first. */
export function otherProgramsDirs(): string[] {
  if (!existsSync(root)) return [];
  const links = readdirSync(root)
    .filter((name) => /^programs-[0-9a-f]+$/.test(name))
    .map((name) => path.join(root, name))
    .filter((link) => link !== programsDir && existsSync(link));
  return links.sort((a, b) => lstatSync(b).mtimeMs - lstatSync(a).mtimeMs);
}

/** Debian packages of this machine's tools, unpacked. */
export const toolsDir = path.join(parts.debian, "tools");

/** A Debian root file system with a shell and the C++ library Node needs, unpacked. */
export const rootfsDir = path.join(parts.debian, "rootfs");
