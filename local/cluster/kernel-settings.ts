import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { readIfThere, writePrivately } from "./file.ts";
import { folders } from "./folders.ts";

/** Kernel settings that pods' traffic needs, or that the kubelet changes on its own; `down` puts the old values back. */
const changed = [
  "net.bridge.bridge-nf-call-iptables",
  "net.bridge.bridge-nf-call-ip6tables",
  "vm.overcommit_memory",
  "vm.panic_on_oom",
  "kernel.panic",
  "kernel.panic_on_oops",
  "kernel.keys.root_maxkeys",
  "kernel.keys.root_maxbytes",
];
const valuesBefore = path.join(folders.cluster, "kernel-settings.json");

function settingFile(name: string): string {
  return path.join("/proc/sys", ...name.split("/"));
}

/** Notes the values as they are, unless values from before the cluster are noted already. */
export function rememberKernelSettings(): void {
  if (existsSync(valuesBefore)) {
    return;
  }
  const values = changed
    .map((name) => name.replaceAll(".", "/"))
    .map((name): [string, string | undefined] => [name, readIfThere(settingFile(name))?.trim()]);
  writePrivately(valuesBefore, JSON.stringify(Object.fromEntries(values)));
}

/**
 * Sets one kernel setting; one the kernel does not have is skipped.
 * @param name with slashes: an interface's name may hold dots
 */
export function setKernelSetting(name: string, value: string): void {
  const now = readIfThere(settingFile(name))?.trim();
  if (now !== undefined && now !== value) {
    writeFileSync(settingFile(name), value);
  }
}

/** Puts back what {@link rememberKernelSettings} noted. */
export function restoreKernelSettings(): void {
  const before: unknown = JSON.parse(readIfThere(valuesBefore) ?? "{}");
  for (const [name, value] of Object.entries(Object(before) as Record<string, unknown>)) {
    if (typeof value === "string") {
      setKernelSetting(name, value);
    }
  }
}
