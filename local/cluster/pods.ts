import { podProcesses, signal } from "./cgroup.ts";
import { sockets } from "./folders.ts";
import { runProgram } from "./program.ts";

/** Runs containerd's own command line on the kubelet's containers. */
function ctr(...args: string[]): Promise<string> {
  return runProgram("ctr", ["--address", sockets.containerd, "--namespace", "k8s.io", ...args]);
}

async function listed(kind: "containers" | "tasks"): Promise<string[]> {
  return (await ctr(kind, "list", "--quiet")).split("\n").filter((id) => id !== "");
}

/**
 * Kills every pod and makes the container runtime forget it; for a cluster that goes. The kubelet must not run.
 * @returns whether nothing is left of them
 */
export async function removeAllPods(deadline = performance.now() + 10_000): Promise<boolean> {
  while (performance.now() < deadline) {
    podProcesses().forEach((pid) => signal(pid, "SIGKILL"));
    // The runtime removes a task itself when it sees its process end: one that is gone by now is as good as deleted.
    for (const task of await listed("tasks")) {
      await ctr("tasks", "delete", "--force", task).catch(() => undefined);
    }
    const containers = await listed("containers");
    if (containers.length === 0) {
      return true;
    }
    await ctr("containers", "delete", ...containers).catch(() => undefined);
  }
  return false;
}
