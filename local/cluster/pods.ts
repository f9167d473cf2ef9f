import { sockets } from "./folders.ts";
import { podProcesses, signal } from "./cgroup.ts";
import { runProgram } from "./program.ts";

/** Runs containerd's own command line on the kubelet's containers and images. */
export function ctr(...args: string[]): Promise<string> {
  return runProgram("ctr", ["--address", sockets.containerd, "--namespace", "k8s.io", ...args]);
}

/** Kills every pod and makes the container runtime forget it; for a cluster that goes. The kubelet must not run. */
export async function removeAllPods(): Promise<void> {
  podProcesses().forEach((pid) => signal(pid, "SIGKILL"));
  const containers = (await ctr("containers", "list", "--quiet")).split("\n").filter((id) => id !== "");
  if (containers.length === 0) {
    return;
  }
  const tasks = (await ctr("tasks", "list", "--quiet")).split("\n").filter((id) => id !== "");
  if (tasks.length > 0) {
    await ctr("tasks", "delete", "--force", ...tasks);
  }
  await ctr("containers", "delete", ...containers);
}
