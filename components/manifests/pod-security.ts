import type { types } from "@pulumi/kubernetes";

type Container = types.input.core.v1.SecurityContext;
type Pod = types.input.core.v1.PodSecurityContext;

/** The user and group the members and clients run as; the volumes belong to the group. */
const user = 1001;

/** Labels by which a namespace admits, warns about and audits pods by the restricted Pod Security standard. */
export const restrictedNamespace: Readonly<Record<string, string>> = {
  "pod-security.kubernetes.io/enforce": "restricted",
  "pod-security.kubernetes.io/warn": "restricted",
  "pod-security.kubernetes.io/audit": "restricted",
};

/** The pod's part of the restricted standard. Volumes are only handed to the group when they are not yet, which saves a walk over all files. */
export const restrictedPod: Pod = {
  runAsNonRoot: true,
  runAsUser: user,
  runAsGroup: user,
  fsGroup: user,
  fsGroupChangePolicy: "OnRootMismatch",
  seccompProfile: { type: "RuntimeDefault" },
};

/** The container's part of the restricted standard, with a root filesystem nobody writes to. */
export const restrictedContainer: Container = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  privileged: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  runAsUser: user,
  runAsGroup: user,
  seccompProfile: { type: "RuntimeDefault" },
};
