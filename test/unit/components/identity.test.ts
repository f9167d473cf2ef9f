import assert from "node:assert/strict";
import { identityOf, identityProblems } from "../../../components/identity.ts";
import { settings } from "../../components/example.ts";

/** The state of a stack with a cluster, as the engine tells it. */
const resources = {
  "urn:1": { type: "pulumi:pulumi:Stack", outputs: {} },
  "urn:2": { type: "pulumi:providers:kubernetes", outputs: { context: "here", clusterIdentifier: "here" } },
  "urn:3": { type: "kubernetes:core/v1:Namespace", outputs: { metadata: { name: "store" } } },
  "urn:4": { type: "kubernetes:core/v1:Service", outputs: { metadata: { name: "peers" } } },
  "urn:5": {
    type: "kubernetes:apps/v1:StatefulSet",
    outputs: { metadata: { name: "kv" }, spec: { serviceName: "peers" } },
  },
};
const has = { context: "here", namespace: "store", createNamespace: true, name: "kv", peerServiceName: "peers" };

/** The same in a namespace that is not the stack's. */
function guest(claim: object) {
  const members = resources["urn:5"];
  const outputs = {
    metadata: { name: "kv", namespace: "default" },
    spec: { ...members.outputs.spec, volumeClaimTemplates: [{ spec: claim }] },
  };
  return identityOf({ outputs: { "urn:2": resources["urn:2"], "urn:5": { ...members, outputs } } });
}

describe("what a cluster that exists is known by", () => {
  it("is read from the stack's resources", () => {
    assert.deepEqual(identityOf({ outputs: resources }), has);
  });

  it("is nothing for a stack that has no cluster, whatever a failed first update left", () => {
    const { "urn:2": provider } = resources;
    for (const state of [undefined, {}, { outputs: {} }, { outputs: { "urn:2": provider } }, { outputs: null }]) {
      assert.deepEqual(identityOf(state), {}, JSON.stringify(state));
    }
    assert.deepEqual(identityProblems({}, settings({ name: "any", namespace: "any", context: "any" })), []);
  });

  it("stays: each changed name is refused with what it would do", () => {
    assert.deepEqual(identityProblems(has, settings(has)), []);
    const sentence = (setting: string, now: string, was: string, because: string) =>
      `etcd:${setting} is "${now}", but must stay "${was}" as long as the stack has a cluster, because ${because}: ` +
      `type \`pulumi config set etcd:${setting} ${was}\`, or give the cluster and its data up with \`pulumi destroy\` first.`;
    assert.deepEqual(
      identityProblems(has, settings({ context: "there", namespace: "a", name: "b", peerServiceName: "c" })),
      [
        sentence(
          "context",
          "there",
          "here",
          "in another Kubernetes cluster it would be another, empty one (a context that was only renamed gets its name back with `kubectl config rename-context`)",
        ),
        sentence("namespace", "a", "store", "in another namespace it would be another, empty one"),
        sentence("name", "b", "kv", "under another name it would be another, empty one"),
        sentence(
          "peerServiceName",
          "c",
          "peers",
          "its members know each other by that name and would find no quorum by another",
        ),
      ],
    );
  });

  it("includes, in a namespace that is not the stack's, the volumes, which go with the StatefulSet", () => {
    const guests = guest({ resources: { requests: { storage: "1Gi" } } });
    assert.deepEqual(guests, {
      ...has,
      namespace: "default",
      createNamespace: false,
      storageSize: "1Gi",
      storageClass: "",
    });
    const same = { ...has, namespace: "default", createNamespace: false };
    assert.deepEqual(identityProblems(guests, settings(same)), []);
    const [size = "", ...more] = identityProblems(guests, settings({ ...same, storageSize: "2Gi" }));
    assert.match(size, /^etcd:storageSize is "2Gi", but must stay "1Gi" .* `pulumi config set etcd:storageSize 1Gi`/);
    assert.deepEqual(more, []);
    assert.match(
      identityProblems(guests, settings({ ...same, storageClass: "fast" })).join(),
      /^etcd:storageClass is "fast", but must stay "" .*etcd:storageClass ""`/,
    );
  });

  it("includes whose the namespace is: a stack that gives it up would take it away", () => {
    assert.match(
      identityProblems(has, settings({ ...has, createNamespace: false })).join(),
      /^etcd:createNamespace is false, but must stay true .* `pulumi config set etcd:createNamespace true`/,
    );
  });

  it("does not include what may change: number, size, the clients' Service", () => {
    assert.deepEqual(
      identityProblems(has, settings({ ...has, replicas: 5, clientServiceName: "db", storageSize: "2Gi" })),
      [],
    );
  });
});
