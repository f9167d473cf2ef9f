import assert from "node:assert/strict";
import { clusterSettings, findMembers } from "../../../workload/etcd/members.ts";

const environment = { ETCD_CLUSTER_NAME: "etcd", ETCD_PEER_SERVICE: "etcd-headless" };

describe("members as a client pod finds them", () => {
  it("are the ordinals whose DNS name resolves now, with gaps", async () => {
    const there = new Set(["etcd-0.etcd-headless", "etcd-2.etcd-headless", "etcd-9.etcd-headless"]);
    const found = await findMembers(clusterSettings(environment), (host) => Promise.resolve(there.has(host)));
    assert.deepEqual(found, [{ host: "etcd-0.etcd-headless" }, { host: "etcd-2.etcd-headless" }]);
  });

  it("are none where nothing resolves, which is not an error", async () => {
    const settings = clusterSettings({ ...environment, ETCD_PEER_SERVICE: "no-such-service.invalid" });
    assert.deepEqual(await findMembers(settings), []);
  });

  it("names the variable that is missing", () => {
    assert.throws(() => clusterSettings({ ...environment, ETCD_PEER_SERVICE: "" }), /ETCD_PEER_SERVICE is not set/);
  });
});
