import assert from "node:assert/strict";
import type { Member } from "../../../member/gateway.ts";
import { joinAsLearner, joiningBefore } from "../../../member/joining.ts";
import { Stop } from "../../../member/pause.ts";
import type { Ports } from "../../../member/ports.ts";
import { gatewayWhere, portsWhere, settingsOf } from "./fake-ports.ts";
import { listedMember as member } from "./listed-member.ts";

const three = [member(0, "a0"), member(1, "a1"), member(2, "a2")];
const learner = member(3, "a3", { isLearner: true });
const settings = settingsOf(4);

describe("a member that joins while a lower one does", () => {
  it("counts those with a lower ordinal that are no voters yet, learners among them; one in the middle that comes back counts nobody", () => {
    const count = (ordinal: number, members: readonly Member[]): number =>
      joiningBefore({ ...settings, ordinal }, members);
    assert.equal(count(3, three), 0);
    assert.equal(count(4, three), 1);
    assert.equal(count(4, [...three, learner]), 1);
    assert.equal(count(8, three), 5);
    assert.equal(count(1, [member(0, "a0"), member(2, "a2")]), 0);
  });

  /** Ports of etcd-4: the list is as `listAt` says, and each pause takes its time. */
  function ports(listAt: (now: number) => readonly Member[]): Ports & { readonly addedAt: () => number | undefined } {
    let [now, addedAt]: [number, number | undefined] = [0, undefined];
    const unused = portsWhere(() => Promise.reject(new Error("not asked by this test")));
    return {
      ...unused,
      settings,
      volume: { ...unused.volume, noteFirstStart: () => undefined },
      clock: {
        now: () => now,
        pause: (ms) => {
          now += ms;
          return Promise.resolve();
        },
      },
      gateway: () =>
        gatewayWhere(() => Promise.reject(new Error("not asked by this test")), {
          members: () => Promise.resolve({ clusterId: "c", members: listAt(now) }),
          addLearner: () => {
            addedAt = now;
            const added = member(4, "a4", { isLearner: true });
            return Promise.resolve({ added, members: [...listAt(now), added] });
          },
        }),
      addedAt: () => addedAt,
    };
  }

  it("is added as soon as that is a voter", async () => {
    const given = ports((now) => (now < 300 ? [...three, learner] : [...three, member(3, "a3")]));
    const flags = await joinAsLearner(given, undefined, three, new Stop());
    assert.equal(given.addedAt(), 300);
    assert.deepEqual([...(flags?.initialCluster.keys() ?? [])], ["etcd-0", "etcd-1", "etcd-2", "etcd-3", "etcd-4"]);
  });

  it("is added side by side with it where that takes its time, or never comes", async () => {
    const given = ports(() => [...three, learner]);
    await joinAsLearner(given, undefined, three, new Stop());
    assert.equal(given.addedAt(), 600);
  });

  it("is not added where its pod is told to stop meanwhile", async () => {
    const stop = new Stop();
    const given = ports((now) => {
      if (now >= 200) stop.ask();
      return three;
    });
    assert.equal(await joinAsLearner(given, undefined, three, stop), undefined);
    assert.equal(given.addedAt(), undefined);
  });
});
