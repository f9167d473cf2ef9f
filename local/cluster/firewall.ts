import { bridge } from "./addresses.ts";

// Pure: from what iptables-save printed to what iptables-restore --noflush is to read.

/** kube-proxy's chains; all have this prefix (pkg/proxy/iptables/proxier.go). */
const proxyChain = /^KUBE-/;

// Hosts often drop what they forward (Docker sets that policy, firewalls do). Pods talk to each other and to the node
// all the same; what a pod sends elsewhere is refused at once, since no answer could find its way back.
const bridgeRules = [
  `-A INPUT -i ${bridge} -j ACCEPT`,
  `-A FORWARD -i ${bridge} -o ${bridge} -j ACCEPT`,
  `-A FORWARD -i ${bridge} ! -o ${bridge} -j REJECT --reject-with icmp-port-unreachable`,
];

/** Input that adds the bridge's own rules which are missing; empty when none is. */
export function missingBridgeRules(filterTable: string): string[] {
  const present = new Set(filterTable.split("\n"));
  const missing = bridgeRules.filter((rule) => !present.has(rule));
  return missing.length === 0 ? [] : ["*filter", ...missing, "COMMIT"];
}

/** Input that removes kube-proxy's chains, the jumps to them and the bridge's rules; empty when there are none. */
export function clusterRulesRemoval(saved: string): string[] {
  const result: string[] = [];
  for (const table of saved.split("\n*").slice(saved.startsWith("*") ? 0 : 1)) {
    const lines = table.split("\n");
    const name = (lines[0] ?? "").replace("*", "").trim();
    const chains = lines.flatMap((line) => /^:(\S+)/.exec(line)?.[1] ?? []).filter((chain) => proxyChain.test(chain));
    const rules = lines.filter((line) => isOurRuleElsewhere(line)).map((line) => line.replace(/^-A/, "-D"));
    if (chains.length + rules.length > 0) {
      const flushed = chains.map((chain) => `:${chain} - [0:0]`);
      result.push(`*${name}`, ...flushed, ...rules, ...chains.map((chain) => `-X ${chain}`), "COMMIT");
    }
  }
  return result;
}

/** A rule of a chain that is not kube-proxy's but leads to one of them, or is the bridge's own. */
function isOurRuleElsewhere(line: string): boolean {
  const chain = /^-A (\S+)/.exec(line)?.[1];
  return chain !== undefined && !proxyChain.test(chain) && (/ -j KUBE-/.test(line) || bridgeRules.includes(line));
}
