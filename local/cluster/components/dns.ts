import { Resolver } from "node:dns/promises";
import path from "node:path";
import { apiServiceAddress, clusterDomain, dnsPort, nodeAddress } from "../addresses.ts";
import type { Component } from "../component.ts";
import { folders } from "../folders.ts";
import { componentKubeconfig } from "../keys.ts";

// No cache, and answers nobody may keep: a pod's name asked for too early resolves as soon as the pod has an address,
// and a name follows its pod. The root is among its zones and no other name server is asked: what the cluster does not
// know does not exist, which is said at once.
const corefile = `. {
  bind ${nodeAddress}
  errors
  kubernetes ${clusterDomain} in-addr.arpa . {
    kubeconfig ${componentKubeconfig("coredns")}
    pods insecure
    ttl 0
  }
}
`;

/** The cluster's DNS, for the names of services and pods. */
export function dns(): Component {
  const configuration = path.join(folders.configuration, "Corefile");
  return {
    name: "coredns",
    command: ["coredns", "-conf", configuration, "-dns.port", String(dnsPort)],
    files: { [configuration]: corefile },
    after: ["objects"],
    listens: [{ address: nodeAddress, port: dnsPort }],
    isReady: async () => {
      const resolver = new Resolver({ timeout: 500, tries: 1 });
      resolver.setServers([`${nodeAddress}:${dnsPort}`]);
      return resolver.resolve4(`kubernetes.default.svc.${clusterDomain}`).then(
        (addresses) => addresses.includes(apiServiceAddress),
        () => false,
      );
    },
    grace: 1000,
  };
}
