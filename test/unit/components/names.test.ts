import assert from "node:assert/strict";
import fc from "fast-check";
import {
  claimName,
  clientEndpoint,
  clientsName,
  clusterToken,
  latchName,
  maxMembers,
  memberClientUrls,
  memberName,
  memberPeerUrls,
  url,
} from "../../../components/names.ts";

const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/);
const cluster = fc.record({
  name: label,
  namespace: label,
  peerServiceName: label,
  clientServiceName: label,
  clusterDomain: fc.constantFrom("cluster.local", "k8s.test"),
});
const seedB = {
  name: "etcd",
  namespace: "etcd",
  peerServiceName: "etcd",
  clientServiceName: "etcd-client",
  clusterDomain: "cluster.local",
};

describe("names and URLs of a cluster", () => {
  it("are those of the PetSet with the default settings", () => {
    assert.deepEqual(memberPeerUrls(seedB, 3), [
      "http://etcd-0.etcd:2380",
      "http://etcd-1.etcd:2380",
      "http://etcd-2.etcd:2380",
    ]);
    assert.deepEqual(memberClientUrls(seedB, 1), ["http://etcd-0.etcd:2379"]);
    assert.equal(clientEndpoint(seedB), "http://etcd-client.etcd.svc.cluster.local:2379");
  });

  it("follow both Services' names", () => {
    const seedA = { ...seedB, peerServiceName: "etcd-headless", clientServiceName: "etcd" };
    assert.deepEqual(memberPeerUrls(seedA, 1), ["http://etcd-0.etcd-headless:2380"]);
    assert.equal(clientEndpoint(seedA), "http://etcd.etcd.svc.cluster.local:2379");
  });

  it("name what Kubernetes and the members make", () => {
    assert.equal(memberName(seedB, 2), "etcd-2");
    assert.equal(claimName(seedB, 2), "data-etcd-2");
    assert.equal(latchName(seedB), "etcd-latch");
    assert.equal(clientsName(seedB), "etcd-client");
    assert.equal(clusterToken({ name: "kv", namespace: "store" }), "store/kv");
  });

  it("are valid, one per member and all different, for any cluster", () => {
    fc.assert(
      fc.property(cluster, fc.integer({ min: 1, max: maxMembers }), (names, replicas) => {
        const urls = [...memberPeerUrls(names, replicas), ...memberClientUrls(names, replicas), clientEndpoint(names)];
        assert.equal(new Set(urls).size, 2 * replicas + 1);
        for (const text of urls) assert.equal(new URL(text).origin, text);
      }),
    );
  });

  it("stay the same for members that were there before a scale", () => {
    fc.assert(
      fc.property(cluster, fc.integer({ min: 1, max: maxMembers - 1 }), (names, replicas) => {
        assert.deepEqual(memberPeerUrls(names, replicas + 1).slice(0, replicas), memberPeerUrls(names, replicas));
      }),
    );
  });

  it("put host and port into a URL as they are", () => {
    assert.equal(url("10.0.0.1", 2381), "http://10.0.0.1:2381");
  });
});
