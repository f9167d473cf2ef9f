import assert from "node:assert/strict";
import { clientUrl, ordinalOf, peerUrl } from "../../../member/address.ts";
import { etcdArguments } from "../../../member/etcd-process.ts";
import { parseSettings } from "../../../member/settings.ts";

const ENVIRONMENT = {
  POD_NAME: "etcd-12",
  POD_NAMESPACE: "db",
  ETCD_CLUSTER_NAME: "etcd",
  ETCD_PEER_SERVICE: "peers",
  ETCD_SCHEME: "http",
  ETCD_LATCH: "etcd-latch",
  ETCD_DATA_DIR: "/var/lib/etcd/data",
  ETCD_CLUSTER_TOKEN: "db/etcd",
};

describe("the member's settings", () => {
  const settings = parseSettings(ENVIRONMENT);

  it("take the ordinal from the pod's name, however many digits it has", () => {
    assert.equal(settings.ordinal, 12);
    assert.equal(parseSettings({ ...ENVIRONMENT, POD_NAME: "my-db-3", ETCD_CLUSTER_NAME: "my-db" }).ordinal, 3);
  });
  it("name the variable that is missing or wrong", () => {
    assert.throws(() => parseSettings({ ...ENVIRONMENT, ETCD_LATCH: undefined }), /ETCD_LATCH is not set/);
    assert.throws(
      () => parseSettings({ ...ENVIRONMENT, POD_NAME: "other-1" }),
      /POD_NAME must be ETCD_CLUSTER_NAME \(etcd\)/,
    );
    assert.throws(() => parseSettings({ ...ENVIRONMENT, ETCD_SCHEME: "ftp" }), /ETCD_SCHEME must be http or https/);
  });
  it("give URLs by the headless Service's names", () => {
    assert.equal(peerUrl(settings, 0), "http://etcd-0.peers:2380");
    assert.equal(clientUrl(settings, 10), "http://etcd-10.peers:2379");
  });
  it("find an ordinal by peer URL first, so that etcd-1 and etcd-10 are two", () => {
    assert.equal(ordinalOf(settings, { name: "", peerUrls: ["http://etcd-10.peers:2380"] }), 10);
    assert.equal(ordinalOf(settings, { name: "etcd-1", peerUrls: ["http://elsewhere:2380"] }), 1);
    assert.equal(ordinalOf(settings, { name: "x", peerUrls: ["http://elsewhere:2380"] }), undefined);
  });
  it("give etcd no initial cluster when it starts with its data", () => {
    assert(!etcdArguments(settings, undefined).some((argument) => argument.startsWith("--initial-cluster")));
  });
  it("give etcd the founders at its first start", () => {
    const first = {
      initialCluster: new Map([
        ["etcd-0", "http://etcd-0.peers:2380"],
        ["etcd-12", "http://etcd-12.peers:2380"],
      ]),
      state: "new" as const,
      token: "db/etcd/t",
    };
    const flags = etcdArguments(settings, first);
    assert(flags.includes("--initial-cluster=etcd-0=http://etcd-0.peers:2380,etcd-12=http://etcd-12.peers:2380"));
    assert(flags.includes("--initial-cluster-state=new"));
    assert(flags.includes("--initial-cluster-token=db/etcd/t"));
  });
});
