import { readFileSync } from "node:fs";
import { type World } from "../cluster/world.ts";
import { votersAre } from "./membership.ts";
import { ruleComment } from "./network.ts";
import { type UndoStep } from "./fault.ts";

/**
 * Undoes one thing and looks whether it is undone; changes nothing where there is nothing to undo.
 * @throws Error where it could not be undone
 */
export async function undo(world: World, step: UndoStep): Promise<void> {
  switch (step.undo) {
    case "continue": {
      await continueMember(world, step.pod);
      return;
    }
    case "open network": {
      await openNetwork(world, step.pod);
      return;
    }
    case "scale back": {
      await scaleBack(world, step.replicas);
      return;
    }
    case "lower alarms": {
      await lowerAlarms(world);
      return;
    }
    case "continue component": {
      continueComponent(step.component, step.pid);
      return;
    }
  }
}

/** A pod that is gone took its stopped process with it. */
async function continueMember(world: World, pod: string): Promise<void> {
  const done = await world.until(30_000, async () => {
    if ((await world.kubernetes.pod(pod)) === undefined) return true;
    const etcd = await world.reach.etcd(pod);
    if (etcd?.state !== "T") return true;
    await world.reach.signal(pod, "CONT");
    return undefined;
  });
  if (done === undefined)
    throw new Error(`etcd in ${pod} is still stopped: kubectl delete pod ${pod} --force ends that`);
}

async function openNetwork(world: World, pod: string): Promise<void> {
  if (world.reach.noNetwork !== undefined || (await world.kubernetes.pod(pod)) === undefined) return;
  const left = await world.until(15_000, async () => {
    const there = await world.reach.inNetwork(pod, ["sh", "-ec", "iptables -w -S INPUT; tc qdisc show dev eth0"]);
    const ours = there.split("\n").filter((line) => line.startsWith("-A INPUT") && line.includes(ruleComment));
    const steps = ours.map((rule) => `iptables -w ${rule.replace(/^-A/, "-D")}`);
    if (/ (tbf|netem) /.test(` ${there} `)) steps.push("tc qdisc del dev eth0 root");
    if (steps.length === 0) return true;
    await world.reach.inNetwork(pod, ["sh", "-ec", steps.join("\n")]);
    return undefined;
  });
  if (left === undefined) throw new Error(`rules of the drill are left in ${pod}: kubectl delete pod ${pod} ends that`);
}

async function scaleBack(world: World, replicas: number): Promise<void> {
  if ((await world.kubernetes.statefulSet(world.name)).replicas !== replicas) {
    await world.kubernetes.scale(world.name, replicas);
  }
  const done = await world.until(120_000, () => votersAre(world, replicas));
  if (done !== true) throw new Error(`the cluster did not get back to ${replicas} voters within 120 s`);
}

async function lowerAlarms(world: World): Promise<void> {
  const done = await world.until(30_000, async () => {
    const { leader } = await world.look();
    if (leader === undefined) return undefined;
    const raised = await world.gateway.alarms(leader);
    for (const memberId of raised) await world.gateway.noSpaceAlarm(leader, memberId, "DEACTIVATE");
    return (await world.gateway.alarms(leader)).length === 0;
  });
  if (done !== true) throw new Error("the alarm NOSPACE could not be lowered: etcdctl alarm disarm does it by hand");
}

/** The number may be another process's by now: only one of that name is continued, and continuing is harmless. */
function continueComponent(component: string, pid: number): void {
  try {
    if (readFileSync(`/proc/${pid}/comm`, "utf8").trim() === component.slice(0, 15)) process.kill(pid, "SIGCONT");
  } catch {
    // It has ended.
  }
}
