import { existsSync, readFileSync, statSync } from "node:fs";
import { readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { UserError } from "../errors.ts";
import { ensureDir } from "../paths.ts";
import { parts, programsDir, toolsDir } from "./layout.ts";
import { cniPlugins, debianPrograms, goBuilds, iptablesPrograms, kubernetesPrograms } from "./pins.ts";
import { askVersion } from "./pulumi-cli.ts";
import { findOnPath } from "./programs-on-path.ts";

/** Where the Pulumi CLI is from, and which one. */
export interface PulumiChoice {
  /** The CLI itself. */
  file: string;
  /** Its version, like "3.250.0". */
  version: string;
  /** Why it is this one, as a person reads it: "built from Go modules". */
  origin: string;
}

/** What was decided when the folder of programs was made. */
export interface ProgramsRecord {
  pulumi: PulumiChoice;
  /** The CLI that PATH had then, used or not; a different one is a reason to decide anew. */
  pulumiOnPath: string;
}

const recordFile = path.join(programsDir, "record.json");

function text(value: object, key: string): string {
  const entry: unknown = Object.entries(value).find(([name]) => name === key)?.[1];
  if (typeof entry !== "string") {
    throw new TypeError(`${recordFile}: ${key} is no string`);
  }
  return entry;
}

function parseRecord(json: string): ProgramsRecord {
  const value: unknown = JSON.parse(json);
  if (typeof value !== "object" || value === null || !("pulumi" in value) || typeof value.pulumi !== "object") {
    throw new TypeError(`${recordFile}: unexpected content`);
  }
  const pulumi = value.pulumi ?? {};
  return {
    pulumi: { file: text(pulumi, "file"), version: text(pulumi, "version"), origin: text(pulumi, "origin") },
    pulumiOnPath: text(value, "pulumiOnPath"),
  };
}

const goPrograms: Readonly<Record<string, string>> = {
  ...Object.fromEntries(kubernetesPrograms.map((name) => [name, path.join(parts.kubernetes, "kubernetes")])),
  coredns: path.join(parts.coredns, "coredns"),
  pause: path.join(parts.pause, "pause"),
  ...Object.fromEntries(
    Object.values(goBuilds.etcd.steps[0].programs).map((name) => [name, path.join(parts.etcd, name)]),
  ),
};

/** What was decided, when every program is there and nothing speaks for deciding anew; undefined otherwise. */
export function presentPrograms(): ProgramsRecord | undefined {
  try {
    const record = parseRecord(readFileSync(recordFile, "utf8"));
    const needed = [...new Set(Object.values(goPrograms)), toolsDir, record.pulumi.file];
    needed.forEach((file) => statSync(file));
    return record.pulumiOnPath === (findOnPath("pulumi") ?? "") ? record : undefined;
  } catch {
    return undefined;
  }
}

/** The CLI in PATH, when it is one this project can work with. */
export async function findPulumiOnPath(): Promise<PulumiChoice | undefined> {
  const file = findOnPath("pulumi");
  const version = file === undefined ? undefined : await askVersion(file);
  return file === undefined || version === undefined ? undefined : { file, version, origin: "from PATH" };
}

const libraryPath = path.join(toolsDir, "usr/lib/x86_64-linux-gnu");

const debianEnvironment = {
  LD_LIBRARY_PATH: libraryPath,
  // iptables loads its matches and targets from here.
  XTABLES_LIBDIR: path.join(libraryPath, "xtables"),
};

function wrapper(program: string): string {
  const exports = Object.entries(debianEnvironment).map(([name, value]) => `export ${name}='${value}'`);
  return ["#!/bin/sh", ...exports, `exec '${program}' "$@"`, ""].join("\n");
}

/** Which of the kernel's two interfaces iptables can use here, tried in a network namespace of its own. */
async function iptablesVariant(): Promise<"nft" | "legacy"> {
  const { execa } = await import("execa");
  for (const variant of ["nft", "legacy"] as const) {
    const program = path.join(toolsDir, "usr/sbin", `iptables-${variant}`);
    const rule = "-m comment --comment trial -m conntrack --ctstate NEW -j MASQUERADE";
    const result = await execa("unshare", ["--net", program, "-t", "nat", "-A", "POSTROUTING", ...rule.split(" ")], {
      env: debianEnvironment,
      reject: false,
    });
    if (!result.failed) {
      return variant;
    }
  }
  throw new UserError(
    "this kernel has neither nf_tables nor ip_tables with connection tracking, which Kubernetes services need: load the nf_tables or iptable_nat module",
  );
}

async function fill(directory: string, record: ProgramsRecord): Promise<void> {
  const bin = ensureDir(path.join(directory, "bin"));
  for (const [name, file] of Object.entries({ ...goPrograms, pulumi: record.pulumi.file })) {
    await symlink(file, path.join(bin, name));
  }
  const variant = await iptablesVariant();
  const iptables = iptablesPrograms.map((name) => [
    name,
    path.join("usr/sbin", name.replace("tables", `tables-${variant}`)),
  ]);
  for (const [name = "", file = ""] of [...Object.entries(debianPrograms), ...iptables]) {
    await writeFile(path.join(bin, name), wrapper(path.join(toolsDir, file)), { mode: 0o755 });
  }
  const cni = ensureDir(path.join(directory, "cni"));
  for (const name of cniPlugins) {
    await symlink(path.join(toolsDir, "usr/lib/cni", name), path.join(cni, name));
  }
  await writeFile(path.join(directory, "record.json"), JSON.stringify(record));
}

/** Makes the folder of all programs and puts it in place of the one before, in one step. */
export async function linkPrograms(pulumi: PulumiChoice): Promise<void> {
  const directory = `${programsDir}.${process.pid}-${Date.now()}`;
  await fill(directory, { pulumi, pulumiOnPath: findOnPath("pulumi") ?? "" });
  const before = existsSync(programsDir) ? await readlink(programsDir) : undefined;
  const link = `${directory}.link`;
  await symlink(directory, link);
  await rename(link, programsDir);
  if (before !== undefined) {
    await rm(before, { recursive: true, force: true });
  }
}
