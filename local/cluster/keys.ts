import { existsSync } from "node:fs";
import path from "node:path";
import { apiServiceAddress, apiUrl, clusterDomain, clusterName, nodeAddress } from "./addresses.ts";
import type { Identity } from "./certificates.ts";
import { writePrivately } from "./file.ts";
import { folders, kubeconfigFile } from "./folders.ts";

/** Everyone who shows a certificate in this cluster: user (or server) name, groups, and the names a server goes by. */
export const identities = {
  admin: { user: `${clusterName}-admin`, groups: ["system:masters"], servesAs: [] },
  "kube-apiserver": {
    user: "kube-apiserver",
    groups: [],
    servesAs: [
      "kubernetes",
      "kubernetes.default",
      "kubernetes.default.svc",
      `kubernetes.default.svc.${clusterDomain}`,
      nodeAddress,
      apiServiceAddress,
    ],
  },
  "kube-apiserver-to-kubelet": { user: "kube-apiserver-to-kubelet", groups: ["system:masters"], servesAs: [] },
  // Of the masters: as system:kube-controller-manager it would first have to fetch a token for each of its controllers.
  "kube-controller-manager": { user: "system:kube-controller-manager", groups: ["system:masters"], servesAs: [] },
  "kube-scheduler": { user: "system:kube-scheduler", groups: [], servesAs: [] },
  "kube-proxy": { user: "system:kube-proxy", groups: [], servesAs: [] },
  kubelet: { user: `system:node:${clusterName}`, groups: ["system:nodes"], servesAs: [] },
  "kubelet-server": {
    user: `system:node:${clusterName}`,
    groups: ["system:nodes"],
    servesAs: [clusterName, nodeAddress],
  },
  coredns: { user: "etcd-local:dns", groups: [], servesAs: [] },
  "local-controller": { user: "etcd-local:controller", groups: [], servesAs: [] },
} satisfies Record<string, Identity>;

export type IdentityName = keyof typeof identities;

/** The RBAC user of an identity. */
export function userOf(name: IdentityName): string {
  return identities[name].user;
}

/** Where an identity's certificate and private key lie (PEM). */
export function keyFiles(name: IdentityName | "ca"): { certificate: string; key: string } {
  return { certificate: path.join(folders.keys, `${name}.crt`), key: path.join(folders.keys, `${name}.key`) };
}

/** The keys that service account tokens are signed and checked with (PEM). */
export const serviceAccountKeys = {
  private: path.join(folders.keys, "service-accounts.key"),
  public: path.join(folders.keys, "service-accounts.pub"),
} as const;

/** The kubeconfig a component of the cluster finds the API server with. */
export function componentKubeconfig(name: IdentityName): string {
  return path.join(folders.keys, `${name}.kubeconfig`);
}

// Written last: keys that were cut off half-way are made again.
const complete = path.join(folders.keys, "complete");

/** Makes the cluster's certificate authority, all certificates and kubeconfigs, unless they are there. */
export async function makeKeys(): Promise<void> {
  if (existsSync(complete)) {
    return;
  }
  const { makeAuthority, makeSigningKey } = await import("./certificates.ts");
  const authority = await makeAuthority(`${clusterName}-ca`);
  writePrivately(keyFiles("ca").certificate, authority.certificate);
  const writeIdentity = async ([name, identity]: [IdentityName, Identity]): Promise<void> => {
    const { certificate, key } = await authority.issue(identity);
    writePrivately(keyFiles(name).certificate, certificate);
    writePrivately(keyFiles(name).key, key);
    const files = { "client-certificate": keyFiles(name).certificate, "client-key": keyFiles(name).key };
    const ca = { "certificate-authority": keyFiles("ca").certificate };
    writePrivately(componentKubeconfig(name), kubeconfig(ca, files));
    if (name === "admin") {
      const base64 = (text: string): string => Buffer.from(text).toString("base64");
      const inline = { "client-certificate-data": base64(certificate), "client-key-data": base64(key) };
      writePrivately(
        kubeconfigFile,
        kubeconfig({ "certificate-authority-data": base64(authority.certificate) }, inline),
      );
    }
  };
  await Promise.all(Object.entries(identities).map((entry) => writeIdentity(entry as [IdentityName, Identity])));
  const signing = await makeSigningKey();
  writePrivately(serviceAccountKeys.private, signing.private);
  writePrivately(serviceAccountKeys.public, signing.public);
  writePrivately(complete, "");
}

/** A kubeconfig as JSON, which is YAML. */
function kubeconfig(authority: Record<string, string>, user: Record<string, string>): string {
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: clusterName, cluster: { server: apiUrl, ...authority } }],
    users: [{ name: clusterName, user }],
    contexts: [{ name: clusterName, context: { cluster: clusterName, user: clusterName } }],
    "current-context": clusterName,
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
