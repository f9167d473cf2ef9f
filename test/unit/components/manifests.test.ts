import assert from "node:assert/strict";
import { role, roleBinding, serviceAccount } from "../../../components/manifests/access.ts";
import { clientsDeployment } from "../../../components/manifests/clients.ts";
import { podDisruptionBudget } from "../../../components/manifests/disruption.ts";
import { clientsSelector, mayConnect, memberSelector, selectorText } from "../../../components/manifests/labels.ts";
import { statefulSet } from "../../../components/manifests/members.ts";
import { namespace } from "../../../components/manifests/namespace.ts";
import { networkPolicy } from "../../../components/manifests/network.ts";
import { clientService, peerService } from "../../../components/manifests/services.ts";
import type { Settings } from "../../../components/settings.ts";
import { settings } from "../../components/example.ts";
import type { Value } from "../../components/value.ts";
import { at, plain } from "../../components/value.ts";

const members = (changes: Partial<Settings> = {}) => plain(statefulSet(settings(changes), "member@sha256:0"));
const clients = (changes: Partial<Settings> = {}) =>
  plain(clientsDeployment(settings(changes), 3, 2, "client@sha256:0"));
const pod = (workload: Value, path: string) => at(workload, `spec.template.spec.${path}`);
const container = (workload: Value, path: string) => pod(workload, `containers.0.${path}`);

/** The container's variables that have a plain value. */
function environment(workload: Value): Record<string, Value | undefined> {
  const variables = container(workload, "env");
  assert.ok(Array.isArray(variables));
  const entries = variables.map((variable) => {
    const name = at(variable, "name");
    assert.ok(typeof name === "string");
    return [name, at(variable, "value")] as const;
  });
  return Object.fromEntries(entries);
}

describe("the members' StatefulSet", () => {
  it("starts members side by side and rolls all of them: ordered starts wait for a readiness that needs the others", () => {
    assert.equal(at(members(), "spec.podManagementPolicy"), "Parallel");
    assert.deepEqual(at(members(), "spec.updateStrategy"), { type: "RollingUpdate" });
  });

  it("keeps volumes whatever becomes of it", () => {
    assert.deepEqual(at(members(), "spec.persistentVolumeClaimRetentionPolicy"), {
      whenDeleted: "Retain",
      whenScaled: "Retain",
    });
  });

  it("lets volumes go with it where the namespace stays: nothing else would take them away", () => {
    assert.equal(
      at(members({ createNamespace: false }), "spec.persistentVolumeClaimRetentionPolicy.whenDeleted"),
      "Delete",
    );
  });

  it("has the pull policy that is set", () => {
    assert.equal(at(members({ imagePullPolicy: "Never" }), "spec.template.spec.containers.0.imagePullPolicy"), "Never");
  });

  it("lets the declared number win over a scale by hand", () => {
    assert.deepEqual(at(members(), "metadata.annotations"), { "pulumi.com/patchForce": "true" });
  });

  it("has the same pods for any number of members", () => {
    assert.deepEqual(at(members({ replicas: 3 }), "spec.template"), at(members({ replicas: 5 }), "spec.template"));
  });

  it("claims a volume per member, of the class that is set or else the default one", () => {
    const claim = "spec.volumeClaimTemplates.0";
    assert.equal(at(members(), `${claim}.metadata.name`), "data");
    assert.deepEqual(at(members({ storageSize: "5Gi" }), `${claim}.spec`), {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "5Gi" } },
    });
    assert.equal(at(members({ storageClass: "fast" }), `${claim}.spec.storageClassName`), "fast");
    assert.deepEqual(container(members(), "volumeMounts"), [{ name: "data", mountPath: "/var/lib/etcd" }]);
  });

  it("selects by labels that every pod has and that never change", () => {
    const selector = at(members(), "spec.selector.matchLabels");
    assert.deepEqual(selector, { app: "etcd", "app.kubernetes.io/instance": "etcd" });
    const labels = at(members(), "spec.template.metadata.labels");
    for (const [key, value] of Object.entries(selector as Record<string, Value>)) {
      assert.equal((labels as Record<string, Value>)[key], value);
    }
    assert.deepEqual(at(members({ etcdVersion: "v3.7.1" }), "spec.template.metadata.labels"), labels);
  });

  it("asks for liveness without quorum, for readiness with it, both where no client certificate is needed", () => {
    const paths = ["startupProbe", "livenessProbe", "readinessProbe"].map((probe) => [
      container(members(), `${probe}.httpGet.path`),
      container(members(), `${probe}.httpGet.port`),
    ]);
    assert.deepEqual(paths, [
      ["/livez", "metrics"],
      ["/livez", "metrics"],
      ["/readyz", "metrics"],
    ]);
    assert.deepEqual(at(container(members(), "ports"), "2"), { name: "metrics", containerPort: 2381 });
  });

  it("gives a start five minutes and a hung member one before it is restarted", () => {
    const seconds = (probe: string) =>
      Number(container(members(), `${probe}.periodSeconds`)) *
      Number(container(members(), `${probe}.failureThreshold`));
    assert.equal(seconds("startupProbe"), 300);
    assert.equal(seconds("livenessProbe"), 60);
    assert.equal(pod(members(), "terminationGracePeriodSeconds"), 60);
  });

  it("tells the member program what it belongs to", () => {
    const { POD_NAME, POD_NAMESPACE, ...plainOnes } = environment(
      members({ name: "kv", namespace: "store", peerServiceName: "kv-headless" }),
    );
    assert.deepEqual([POD_NAME, POD_NAMESPACE], [undefined, undefined]);
    assert.deepEqual(plainOnes, {
      ETCD_CLUSTER_NAME: "kv",
      ETCD_PEER_SERVICE: "kv-headless",
      ETCD_SCHEME: "http",
      ETCD_LATCH: "kv-latch",
      ETCD_DATA_DIR: "/var/lib/etcd/data",
      ETCD_CLUSTER_TOKEN: "store/kv",
    });
  });

  it("keeps variables named after Services out of the pod: etcd takes ETCD_… for settings of its own", () => {
    assert.equal(pod(members(), "enableServiceLinks"), false);
  });

  it("prefers other hosts, and spreads over zones when told", () => {
    const preferred = "affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution.0.podAffinityTerm";
    const selector = { matchLabels: memberSelector(settings()) };
    assert.deepEqual(pod(members(), preferred), { topologyKey: "kubernetes.io/hostname", labelSelector: selector });
    assert.equal(pod(members(), "topologySpreadConstraints"), undefined);
    assert.deepEqual(pod(members({ topologySpread: "topology.kubernetes.io/zone" }), "topologySpreadConstraints.0"), {
      maxSkew: 1,
      topologyKey: "topology.kubernetes.io/zone",
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: selector,
    });
  });

  it("asks for the resources that are set", () => {
    assert.deepEqual(container(members(), "resources"), {
      requests: { cpu: "250m", memory: "256Mi", "ephemeral-storage": "50Mi" },
      limits: { cpu: "375m", memory: "384Mi", "ephemeral-storage": "2Gi" },
    });
    assert.deepEqual(container(members({ resources: { requests: { cpu: "2" }, limits: {} } }), "resources.limits"), {});
  });
});

describe("every pod", () => {
  for (const [name, workload, withSecrets] of [
    ["of a member", members(), members({ imagePullSecrets: ["one", "two"] })],
    ["of a client", clients(), clients({ imagePullSecrets: ["one", "two"] })],
  ] as const) {
    it(`${name} names the pull secrets that are set, and is what it was where none is`, () => {
      assert.deepEqual(pod(withSecrets, "imagePullSecrets"), [{ name: "one" }, { name: "two" }]);
      assert.equal(pod(workload, "imagePullSecrets"), undefined);
      const spec = at(withSecrets, "spec.template.spec") as Record<string, Value>;
      Reflect.deleteProperty(spec, "imagePullSecrets");
      assert.deepEqual(withSecrets, workload);
      assert.ok(!("imagePullSecrets" in (at(workload, "spec.template.spec") as object)));
    });

    it(`${name} meets the restricted Pod Security standard and never writes to its root filesystem`, () => {
      assert.equal(pod(workload, "securityContext.runAsNonRoot"), true);
      assert.equal(pod(workload, "securityContext.fsGroup"), 1001);
      assert.deepEqual(container(workload, "securityContext"), {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
        privileged: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        runAsUser: 1001,
        runAsGroup: 1001,
        seccompProfile: { type: "RuntimeDefault" },
      });
      for (const kind of ["hostNetwork", "hostPID", "hostIPC"]) assert.equal(pod(workload, kind), undefined);
    });
  }

  it("holds a token only where it is used: in members", () => {
    assert.equal(pod(members(), "automountServiceAccountToken"), true);
    assert.equal(pod(clients(), "automountServiceAccountToken"), false);
    assert.equal(at(plain(serviceAccount(settings())), "automountServiceAccountToken"), false);
  });

  it("is admitted by the namespace's own standard", () => {
    const labels = at(plain(namespace(settings())), "metadata.labels") as Record<string, Value>;
    for (const mode of ["enforce", "warn", "audit"]) {
      assert.equal(labels[`pod-security.kubernetes.io/${mode}`], "restricted", mode);
    }
  });
});

describe("the Services", () => {
  it("for peers gives names to pods that are not ready: they can't become ready without each other", () => {
    const service = plain(peerService(settings()));
    assert.equal(at(service, "spec.clusterIP"), "None");
    assert.equal(at(service, "spec.publishNotReadyAddresses"), true);
    assert.deepEqual(at(service, "spec.selector"), memberSelector(settings()));
    assert.equal(at(service, "metadata.name"), at(members(), "spec.serviceName"));
  });

  it("for clients leads to the client port of ready members, and is not waited for", () => {
    const service = plain(clientService(settings()));
    assert.equal(at(service, "spec.type"), "ClusterIP");
    assert.equal(at(service, "spec.publishNotReadyAddresses"), undefined);
    assert.deepEqual(at(service, "spec.ports"), [{ name: "client", port: 2379, targetPort: "client" }]);
    assert.deepEqual(at(service, "metadata.annotations"), { "pulumi.com/skipAwait": "true" });
  });
});

describe("what members may do at the API server", () => {
  it("is this, by name, and nothing else", () => {
    const nine = (prefix: string) => [0, 1, 2, 3, 4, 5, 6, 7, 8].map((ordinal) => `${prefix}${ordinal}`);
    assert.deepEqual(at(plain(role(settings())), "rules"), [
      { apiGroups: ["apps"], resources: ["statefulsets"], verbs: ["get"], resourceNames: ["etcd"] },
      { apiGroups: [""], resources: ["configmaps"], verbs: ["create"] },
      { apiGroups: [""], resources: ["configmaps"], verbs: ["get", "patch", "update"], resourceNames: ["etcd-latch"] },
      { apiGroups: [""], resources: ["pods"], verbs: ["get", "delete"], resourceNames: nine("etcd-") },
      {
        apiGroups: [""],
        resources: ["persistentvolumeclaims"],
        verbs: ["get", "delete"],
        resourceNames: nine("data-etcd-"),
      },
    ]);
  });

  it("is theirs alone", () => {
    const binding = plain(roleBinding(settings()));
    assert.equal(at(binding, "roleRef.name"), at(plain(role(settings())), "metadata.name"));
    assert.deepEqual(at(binding, "subjects"), [{ kind: "ServiceAccount", name: "etcd", namespace: "etcd" }]);
    assert.equal(pod(members(), "serviceAccountName"), "etcd");
    assert.equal(pod(clients(), "serviceAccountName"), undefined);
  });
});

describe("what protects members", () => {
  it("is a disruption budget over exactly the members", () => {
    const budget = plain(podDisruptionBudget(settings()));
    assert.deepEqual(at(budget, "spec"), {
      minAvailable: "51%",
      selector: { matchLabels: memberSelector(settings()) },
    });
  });

  it("is a network policy that lets members to the peer port, and members and labelled clients to the client port", () => {
    const policy = plain(networkPolicy(settings()));
    const ofMembers = { podSelector: { matchLabels: memberSelector(settings()) } };
    const ofClients = { namespaceSelector: {}, podSelector: { matchLabels: { "etcd-client": "true" } } };
    assert.deepEqual(at(policy, "spec"), {
      ...ofMembers,
      policyTypes: ["Ingress"],
      ingress: [
        { from: [ofMembers], ports: [{ protocol: "TCP", port: 2380 }] },
        { from: [ofMembers, ofClients], ports: [{ protocol: "TCP", port: 2379 }] },
      ],
    });
  });

  it("does not keep our own clients out", () => {
    const labels = at(clients(), "spec.template.metadata.labels") as Record<string, Value>;
    for (const [key, value] of Object.entries(mayConnect(settings()))) assert.equal(labels[key], value);
  });
});

describe("the client pods", () => {
  it("are told the cluster's names, and can write to /tmp", () => {
    assert.deepEqual(environment(clients()), {
      ETCD_CLUSTER_NAME: "etcd",
      ETCD_PEER_SERVICE: "etcd",
      ETCD_REPLICAS: "3",
    });
    assert.deepEqual(container(clients(), "volumeMounts"), [{ name: "tmp", mountPath: "/tmp" }]);
    assert.deepEqual(pod(clients(), "volumes"), [{ name: "tmp", emptyDir: {} }]);
  });

  it("are found by the selector that the stack tells", () => {
    assert.equal(selectorText(clientsSelector()), "app=etcd-client");
    assert.deepEqual(at(clients(), "spec.selector.matchLabels"), { app: "etcd-client" });
  });
});
