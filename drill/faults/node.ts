import { readFileSync } from "node:fs";
import { type World } from "../cluster/world.ts";
import { type FaultKind } from "./fault.ts";

/** A component of Kubernetes is stopped for a while: what runs goes on without it. */
function componentDown(kind: string, component: string): FaultKind {
  return {
    kind,
    title: () => `${component} down (SIGSTOP)`,
    // Without it nothing else can be done or seen by way of Kubernetes.
    alone: true,
    visibleWithinMs: 5_000,
    recoveryBoundMs: 30_000,
    missing: (world) =>
      Promise.resolve(
        world.reach.component(component) === undefined
          ? `no process ${component} of a local cluster is within reach of this drill`
          : undefined,
      ),
    undo(world) {
      const pid = world.reach.component(component);
      return pid === undefined ? [] : [{ undo: "continue component", component, pid }];
    },
    start(world) {
      const pid = pidOf(world, component);
      process.kill(pid, "SIGSTOP");
      return Promise.resolve(() =>
        Promise.resolve(isStopped(pid) ? `${component}: process ${pid} is stopped (state T)` : undefined),
      );
    },
  };
}

export const apiServerDown = componentDown("api-server-down", "kube-apiserver");
export const kubeletDown = componentDown("kubelet-down", "kubelet");

function pidOf(world: World, component: string): number {
  const pid = world.reach.component(component);
  if (pid === undefined) throw new Error(`${component} does not run here`);
  return pid;
}

function isStopped(pid: number): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).startsWith("T");
}
