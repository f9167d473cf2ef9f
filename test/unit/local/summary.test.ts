import assert from "node:assert/strict";
import { outputsTable } from "../../../local/summary.ts";

describe("the outputs as `up` shows them", () => {
  it("has each with its value, whatever its type", () => {
    const table = outputsTable({
      namespace: "here",
      statefulSetName: "etcd",
      replicas: 3,
      peerServiceName: "etcd",
      clientServiceName: "etcd-client",
      clientEndpoint: "http://etcd-client.here:2379",
      memberPeerUrls: ["http://etcd-0.etcd:2380", "http://etcd-1.etcd:2380"],
      memberClientUrls: [],
      clientSelector: "app=etcd-client",
      images: { member: "registry/etcd-member@sha256:1" },
    });
    const rows = table.split("\n").map((line) => line.split("│").map((cell) => cell.trim()));
    const value = (key: string): string | undefined => rows.find((cells) => cells[1] === key)?.[2];
    assert.equal(value("replicas"), "3");
    assert.equal(value("namespace"), "here");
    assert.equal(value("images"), "member: registry/etcd-member@sha256:1");
    assert.equal(value("memberPeerUrls"), "http://etcd-0.etcd:2380");
    assert.equal(value(""), "http://etcd-1.etcd:2380");
  });
});
