import assert from "node:assert/strict";
import { clusterSettings, findMembers } from "../../../workload/etcd/members.ts";

const environment = { ETCD_CLUSTER_NAME: "etcd", ETCD_PEER_SERVICE: "etcd-headless", ETCD_SCHEME: "http" };

describe("members as a client pod finds them", () => {
  it("are the ordinals whose DNS name resolves now, with gaps", async () => {
    const there = new Set(["etcd-0.etcd-headless", "etcd-2.etcd-headless", "etcd-9.etcd-headless"]);
    const found = await findMembers(clusterSettings(environment), (host) => Promise.resolve(there.has(host)));
    assert.deepEqual(found, [
      { scheme: "http", host: "etcd-0.etcd-headless" },
      { scheme: "http", host: "etcd-2.etcd-headless" },
    ]);
  });

  it("are none where nothing resolves, which is not an error", async () => {
    const settings = clusterSettings({ ...environment, ETCD_PEER_SERVICE: "no-such-service.invalid" });
    assert.deepEqual(await findMembers(settings), []);
  });

  it("names the variable that is missing or wrong", () => {
    assert.throws(() => clusterSettings({ ...environment, ETCD_PEER_SERVICE: "" }), /ETCD_PEER_SERVICE is not set/);
    assert.throws(() => clusterSettings({ ...environment, ETCD_SCHEME: "ftp" }), /ETCD_SCHEME is "ftp": expected http/);
  });
});
