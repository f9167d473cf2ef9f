import { mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { UserError } from "../errors.ts";

type Report = (line: string) => void;

/** Packages that only install scripts need, and none of those run. */
const neededByInstallScripts = [
  "adduser",
  "debconf",
  "dpkg",
  "init-system-helpers",
  "lsb-base",
  "netbase",
  "passwd",
  "perl",
  "tar",
  "usrmerge",
];

/** The C library must be this machine's own: it belongs to the loader that the programs name. */
const cLibrary = ["libc6", "libgcc-s1"];

/** What nobody reads in a cache or an image. */
const leftOut = ["usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/bash-completion", "usr/lib/*/gconv"];

/** Folders that are links into /usr on every Debian since 12; some packages still carry files under the old names. */
const mergedFolders = ["bin", "lib", "lib64", "sbin"];

export interface PackageSet {
  /** Folder below the one that is filled. */
  name: string;
  packages: readonly string[];
  /** Whether its programs run in an image, which needs a C library of its own, or on this machine. */
  standsAlone: boolean;
}

/**
 * apt's own configuration (sources, proxies) with everything that apt writes to moved into one folder, and without the
 * commands that hosts like to run after an update.
 */
export function aptConfiguration(dump: string, state: string): string {
  const kept = dump.split("\n").filter((line) => !/Invoke|IndexTargets::deb::/.test(line));
  return [
    ...kept,
    `Dir::Etc::main "/dev/null";`,
    `Dir::Etc::parts "/dev/null";`,
    `Dir::State "${state}";`,
    `Dir::State::lists "${state}/lists";`,
    `Dir::State::status "${state}/status";`,
    `Dir::Cache "${state}";`,
    `Dir::Cache::archives "${state}/archives";`,
    `Dir::Log "${state}";`,
    // The cache is its owner's alone, so apt's own user could not write there.
    `APT::Sandbox::User "root";`,
    `APT::Install-Recommends "false";`,
    `APT::Keep-Downloaded-Packages "true";`,
    `Acquire::Languages "none";`,
    `Acquire::Retries "2";`,
    `Acquire::http::Timeout "20";`,
    `Acquire::https::Timeout "20";`,
    "",
  ].join("\n");
}

/** A package database in which exactly these are installed. */
function packageDatabase(installed: readonly string[]): string {
  return installed
    .map((name) =>
      [
        `Package: ${name}`,
        "Status: install ok installed",
        "Architecture: all",
        "Multi-Arch: foreign",
        "Version: 9999",
        "",
        "",
      ].join("\n"),
    )
    .join("");
}

async function apt(state: string, args: string[]): Promise<void> {
  const { execa } = await import("execa");
  const result = await execa("apt-get", ["--quiet=2", ...args], {
    env: { APT_CONFIG: path.join(state, "apt.conf"), LC_ALL: "C" },
    stdin: "ignore",
    reject: false,
    all: true,
  });
  if (result.failed) {
    const said = result.all.split("\n").filter((line) => /^[EW]:/.test(line));
    throw new UserError(
      `apt-get could not fetch the Debian packages; check that "apt-get update" works on this machine. It said:\n${said.join("\n") || result.shortMessage || result.all}`,
    );
  }
}

async function download(state: string, set: PackageSet): Promise<string[]> {
  const archives = path.join(state, "archives");
  await rm(archives, { recursive: true, force: true });
  await mkdir(path.join(archives, "partial"), { recursive: true });
  const assumed = set.standsAlone ? neededByInstallScripts : [...neededByInstallScripts, ...cLibrary];
  await writeFile(path.join(state, "status"), packageDatabase(assumed));
  await apt(state, ["install", "--download-only", "--assume-yes", ...set.packages]);
  const names = await readdir(archives);
  return names.filter((name) => name.endsWith(".deb")).map((name) => path.join(archives, name));
}

async function unpack(archive: string, directory: string): Promise<void> {
  const exclude = leftOut.map((pattern) => `--exclude=./${pattern}`);
  const { execa } = await import("execa");
  await execa("dpkg-deb", ["--fsys-tarfile", archive], { stdin: "ignore", buffer: { stdout: false } }).pipe("tar", [
    "--extract",
    "--keep-directory-symlink",
    `--directory=${directory}`,
    ...exclude,
  ]);
}

/**
 * Downloads Debian packages and all they depend on, and unpacks each set into a folder of its own. Nothing is
 * installed, no script of a package runs, and this machine's package lists and database stay as they are.
 * @param directory where the folders of the sets are made
 * @throws UserError when there is no apt-get, or the packages can't be had
 */
export async function unpackPackages(directory: string, sets: readonly PackageSet[], report: Report): Promise<void> {
  const { execa } = await import("execa");
  const dump = await execa("apt-config", ["dump"], { reject: false });
  if (dump.failed) {
    throw new UserError("apt-get is needed for Debian packages and is not here: use a Debian or Ubuntu machine");
  }
  const state = path.join(directory, "apt");
  await mkdir(path.join(state, "lists", "partial"), { recursive: true });
  await writeFile(path.join(state, "apt.conf"), aptConfiguration(dump.stdout, state));
  await writeFile(path.join(state, "status"), "");
  report("reading the package lists");
  await apt(state, ["update"]);
  for (const set of sets) {
    report(`downloading ${set.packages.join(", ")}`);
    const archives = await download(state, set);
    const target = path.join(directory, set.name);
    for (const folder of mergedFolders) {
      await mkdir(path.join(target, "usr", folder), { recursive: true });
      await symlink(path.join("usr", folder), path.join(target, folder));
    }
    for (const [index, archive] of archives.entries()) {
      report(`unpacking ${index + 1} of ${archives.length}: ${path.basename(archive)}`);
      await unpack(archive, target);
    }
  }
  await rm(state, { recursive: true });
}
