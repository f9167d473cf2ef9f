import assert from "node:assert/strict";
import { parseMembers, parseStatus } from "../../../desk/etcd-answers.ts";
import { parseMetrics, parsePeerMembers } from "../../../desk/etcd-without-quorum.ts";

describe("etcd's answers at the desk", () => {
  it("reads a status as etcd 3.6 gives it, alarms included", () => {
    const status = parseStatus(
      '{"header":{"cluster_id":"12917540816558136485","member_id":"12633417586531409166","revision":"7","raft_term":"2"},' +
        '"version":"3.6.14","dbSize":"20480","leader":"7737759777188505217","raftIndex":"8","dbSizeInUse":"16384",' +
        '"dbSizeQuota":"2147483648","errors":["memberID:12633417586531409166 alarm:NOSPACE ","etcdserver: no leader"]}',
    );
    assert.deepEqual(status, {
      serves: true,
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

  it("reads what a member tells that was started without a quorum: metrics, and the list its peers may ask for", () => {
    const metrics =
      'etcd_server_id{server_id="af52ea5c38609d0e"} 1\netcd_server_version{server_version="3.6.14"} 1\n' +
      "etcd_debugging_mvcc_current_revision 11\netcd_server_proposals_committed_total 46\n" +
      "etcd_mvcc_db_total_size_in_bytes 24576\netcd_server_quota_backend_bytes 2.147483648e+09\n";
    const status = parseMetrics(metrics, "c1");
    assert(status !== undefined);
    const { serves, memberId, leaderId, revision, raftIndex, dbSizeQuota } = status;
    assert.deepEqual(
      { serves, memberId, leaderId, revision, raftIndex, dbSizeQuota },
      {
        serves: false,
        memberId: "af52ea5c38609d0e",
        leaderId: "",
        revision: 11,
        raftIndex: 46,
        dbSizeQuota: 2147483648,
      },
    );
    assert.equal(parseMetrics("go_threads 3\n", "c1"), undefined);
    assert.deepEqual(
      parsePeerMembers('[{"id":12633417586531409166,"peerURLs":["http://etcd-0.etcd:2380"],"name":"etcd-0"}]'),
      [
        {
          id: "af52ea5c38609d0e",
          name: "etcd-0",
          peerUrls: ["http://etcd-0.etcd:2380"],
          clientUrls: [],
          isLearner: false,
        },
      ],
    );
  });

  it("reads a member that was added and has not started: no name, no client URL", () => {
    assert.deepEqual(
      parseMembers('{"members":[{"ID":"255","peerURLs":["http://etcd-3.etcd:2380"],"isLearner":true}]}'),
      [{ id: "ff", name: "", peerUrls: ["http://etcd-3.etcd:2380"], clientUrls: [], isLearner: true }],
    );
  });
});
