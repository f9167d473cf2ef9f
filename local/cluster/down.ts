import { existsSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import path from "node:path";
import { checkMachine } from "../toolchain/preconditions.ts";
import { removeCgroups } from "./cgroup.ts";
import { readIfThere } from "./file.ts";
import { folders, kubeconfigFile } from "./folders.ts";
import { withClusterLock } from "./lock.ts";
import { unmountAll } from "./mount.ts";
import { bridgeExists, removeNetwork } from "./network.ts";
import { requireOwnership } from "./owner.ts";
import { removeAllPods } from "./pods.ts";
import { isRunning, recordedNames, recordedProcess, stopProcess } from "./process.ts";
import { removeRecord } from "./record.ts";

/** What keeps data that `down` leaves, and may need a moment to write it (ms). All others are simply killed. */
const graceful: Readonly<Record<string, number>> = { dockerd: 5000, registry: 2000 };

/**
 * Takes the local cluster down: all its processes, pods, volumes, mounts, network interfaces, iptables rules and control
 * groups. Images stay, and what the components said.
 * @param report told what is going on
 * @returns whether there was anything to take down
 */
export async function clusterDown(report: (line: string) => void): Promise<boolean> {
  checkMachine();
  return withClusterLock("cluster down", report, async () => {
    requireOwnership();
    const present = hasRemains();
    await takeDown(report);
    return present;
  });
}

function hasRemains(): boolean {
  return [folders.cluster, folders.run, kubeconfigFile].some((file) => existsSync(file)) || bridgeExists();
}

/** Like {@link clusterDown}, for who holds the cluster's lock. May be cut off and run again. */
export async function takeDown(report: (line: string) => void): Promise<void> {
  if (!hasRemains()) {
    return;
  }
  removeRecord();
  rmSync(kubeconfigFile, { force: true });
  report("stopping pods");
  await stopProcess("kubelet", 0);
  const runtime = recordedProcess("containerd");
  const forgotten = runtime !== undefined && isRunning(runtime) && (await removeAllPods().catch(() => false));
  report("stopping components");
  const others = recordedNames().filter((name) => name !== "containerd");
  await Promise.all(others.map((name) => stopProcess(name, graceful[name] ?? 0)));
  await stopProcess("containerd", 5000);
  await removeCgroups();
  report("removing mounts and network");
  await unmountAll();
  if (!forgotten) {
    // What the runtime knows of containers must not come back; the images have to be fetched again for it.
    rmSync(folders.containerd, { recursive: true, force: true });
  }
  await removeNetwork();
  removeTraces();
  for (const folder of [folders.cluster, folders.run]) {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Removes what kubelet, container runtime and network plugins leave in places one can't choose. */
function removeTraces(): void {
  const cri = path.join(folders.containerd, "io.containerd.grpc.v1.cri");
  for (const kind of ["containers", "sandboxes"]) {
    rmSync(path.join(cri, kind), { recursive: true, force: true });
  }
  removeFrom("/var/log/containers", (link) => readlinkSync(link).startsWith(folders.podLogs + path.sep));
  // Each names the pod's network namespace, which is below our folder.
  removeFrom("/var/lib/cni/results", (file) => (readIfThere(file) ?? "").includes(folders.run + path.sep));
  const openSockets = readIfThere("/proc/net/unix") ?? "";
  removeFrom("/run/containerd/s", (socket) => !openSockets.includes(socket));
}

function removeFrom(folder: string, isOurs: (file: string) => boolean): void {
  if (!existsSync(folder)) {
    return;
  }
  const files = readdirSync(folder).map((name) => path.join(folder, name));
  files.filter(isOurs).forEach((file) => rmSync(file, { force: true }));
}
