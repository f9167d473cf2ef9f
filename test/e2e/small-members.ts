import type { TestStack } from "./world.ts";

/** Requests that leave room for other stacks on a one-node cluster. */
export const smallMembers = {
  requests: { cpu: "50m", memory: "64Mi" },
  limits: { cpu: "500m", memory: "384Mi" },
} as const;

/** Sends a signal to a pod's etcd, past the member program: STOP pauses it, CONT lets it go on. */
export async function signalEtcd(stack: TestStack, pod: string, signal: "STOP" | "CONT" | "KILL"): Promise<void> {
  const each = `for p in /proc/[0-9]*; do if [ "$(cat $p/comm)" = etcd ]; then kill -${signal} "\${p#/proc/}"; fi; done`;
  await stack.exec(pod, "sh", "-c", each);
}
