import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { bridge, nodeAddress, podRange, serviceRange } from "./addresses.ts";
import { rememberKernelSettings, restoreKernelSettings, setKernelSetting } from "./kernel-settings.ts";
import { clusterRulesRemoval, missingBridgeRules } from "./firewall.ts";
import { runProgram } from "./program.ts";

// Fixed: a bridge without an address of its own takes the lowest of its ports', and changes it as pods come and go,
// which leaves every pod with a wrong neighbour entry for its gateway.
const bridgeMac = "0a:58:c6:12:00:01";

const interfaces = "/sys/class/net";

/** Whether the cluster's bridge is there. */
export function bridgeExists(): boolean {
  return existsSync(path.join(interfaces, bridge));
}

/** Makes the bridge, its address and routes, and what lets traffic pass it; what is there stays. */
export async function makeNetwork(): Promise<void> {
  rememberKernelSettings();
  const prefix = podRange.split("/")[1] ?? "";
  await runProgram(
    "ip",
    ["-batch", "-"],
    [
      ...(bridgeExists() ? [] : [`link add ${bridge} address ${bridgeMac} type bridge`]),
      `addr replace ${nodeAddress}/${prefix} dev ${bridge}`,
      `link set ${bridge} up`,
      // Without it the host would send what is meant for a service to its default gateway, if it has one at all. Not by
      // the bridge: what a pod sends to a service with nobody behind it would be answered with a redirect first, and
      // that uses up the allowance for the message that says "refused" (net/ipv4/route.c, ip_rt_send_redirect).
      `route replace ${serviceRange} dev lo src ${nodeAddress}`,
    ],
  );
  // Only what comes from the bridge is forwarded: the machine does not become a router for its other networks.
  setKernelSetting(`net/ipv4/conf/${bridge}/forwarding`, "1");
  setKernelSetting(`net/ipv6/conf/${bridge}/disable_ipv6`, "1");
  // Traffic between two pods has to pass iptables, or services can't be reached from pods.
  setKernelSetting("net/bridge/bridge-nf-call-iptables", "1");
  const rules = missingBridgeRules(await runProgram("iptables-save", ["-t", "filter"]));
  if (rules.length > 0) {
    await runProgram("iptables-restore", ["--noflush"], rules);
  }
}

/** Removes the bridge, all that hangs on it, and the cluster's iptables rules; waits until they are gone. */
export async function removeNetwork(): Promise<void> {
  for (const save of ["iptables-save", "ip6tables-save"]) {
    const removal = clusterRulesRemoval(await runProgram(save, []));
    if (removal.length > 0) {
      await runProgram(save.replace("save", "restore"), ["--noflush"], removal);
    }
  }
  if (bridgeExists()) {
    const ports = readdirSync(path.join(interfaces, bridge, "brif"));
    // -force: the pods' network namespaces may be going at this moment, and their ports with them.
    await runProgram(
      "ip",
      ["-force", "-batch", "-"],
      ports.map((port) => `link delete ${port}`),
    ).catch(() => undefined);
    await runProgram("ip", ["link", "delete", bridge]);
  }
  const deadline = performance.now() + 5000;
  while (bridgeExists()) {
    if (performance.now() > deadline) {
      throw new Error(`the network bridge ${bridge} is still there 5 s after it was deleted`);
    }
    await sleep(10);
  }
  restoreKernelSettings();
}
