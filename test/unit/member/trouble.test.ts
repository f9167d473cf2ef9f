import assert from "node:assert/strict";
import { Refused } from "../../../member/gateway.ts";
import { NoAnswer } from "../../../member/http.ts";
import { UnexpectedAnswer } from "../../../member/json.ts";
import { Denied } from "../../../member/kubernetes.ts";
import { declaredReplicas } from "../../../member/observation.ts";
import { ownStatus } from "../../../member/own-etcd.ts";
import { askPeers, throughAPeer } from "../../../member/peers.ts";
import { LatchStore } from "../../../member/latch-store.ts";
import type { Trouble } from "../../../member/trouble.ts";
import { portsWhere } from "./fake-ports.ts";

const troubles: Trouble[] = [
  new NoAnswer("nobody there"),
  new Refused(14, "no leader"),
  new Refused(9, "not now"),
  new Denied(403, "forbidden"),
  new UnexpectedAnswer("<html>"),
];

describe("what counts as trouble with whoever was asked", () => {
  for (const trouble of troubles) {
    const name = `${trouble.constructor.name} (${trouble.message})`;
    const ports = portsWhere(() => Promise.reject(trouble));

    it(`${name} says nothing about the cluster, wherever it is met`, async () => {
      assert.equal(await declaredReplicas(ports), undefined);
      assert.equal(await ownStatus(ports), undefined);
      assert.deepEqual(await askPeers(ports, 2), { kind: "silent" });
      assert.deepEqual(await new LatchStore(ports).read(), { kind: "silent", why: trouble.message });
    });
    it(`${name} is handed on by a change that nobody takes`, async () => {
      await assert.rejects(
        throughAPeer(ports, (gateway) => gateway.members()),
        trouble,
      );
    });
  }

  it("a defect of the program itself is never taken for trouble", async () => {
    const ports = portsWhere(() => Promise.reject(new TypeError("a defect")));
    await assert.rejects(declaredReplicas(ports), TypeError);
    await assert.rejects(ownStatus(ports), TypeError);
    await assert.rejects(new LatchStore(ports).read(), TypeError);
    await assert.rejects(askPeers(ports, 2), AggregateError);
  });

  it("a peer that talks nonsense is passed over for the next one that takes the change", async () => {
    const asked: string[] = [];
    const ports = portsWhere((url) => {
      asked.push(url);
      return asked.length === 1 ? Promise.reject(new UnexpectedAnswer("<html>")) : Promise.resolve();
    });
    await throughAPeer(ports, (gateway) => gateway.promote("a1"));
    assert.equal(asked.length, 2);
  });
});
