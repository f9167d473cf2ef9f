import assert from "node:assert/strict";
import { parseMembers, parseStatus } from "../../../desk/etcd-answers.ts";

describe("etcd's answers at the desk", () => {
  it("reads a status as etcd 3.6 gives it, alarms included", () => {
    const status = parseStatus(
      '{"header":{"cluster_id":"12917540816558136485","member_id":"12633417586531409166","revision":"7","raft_term":"2"},' +
        '"version":"3.6.14","dbSize":"20480","leader":"7737759777188505217","raftIndex":"8","dbSizeInUse":"16384",' +
        '"dbSizeQuota":"2147483648","errors":["memberID:12633417586531409166 alarm:NOSPACE ","etcdserver: no leader"]}',
    );
    assert.deepEqual(status, {
      memberId: "af52ea5c38609d0e",
      clusterId: "b34452eebe8e9ca5",
      leaderId: "6b620b855ca06681",
      version: "3.6.14",
      revision: 7,
      raftIndex: 8,
      dbSize: 20480,
      dbSizeInUse: 16384,
      dbSizeQuota: 2147483648,
      alarms: [{ memberId: "af52ea5c38609d0e", kind: "NOSPACE" }],
    });
  });

  it("reads a member that was added and has not started: no name, no client URL", () => {
    assert.deepEqual(
      parseMembers('{"members":[{"ID":"255","peerURLs":["http://etcd-3.etcd:2380"],"isLearner":true}]}'),
      [{ id: "ff", name: "", peerUrls: ["http://etcd-3.etcd:2380"], clientUrls: [], isLearner: true }],
    );
  });
});
