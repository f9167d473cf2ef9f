import assert from "node:assert/strict";
import type { ClusterSeen } from "../../../desk/cluster.ts";
import { differences } from "../../../desk/drift.ts";
import { cluster, down, image, replicas, row } from "./seen.ts";

const three = [row(0), row(1), row(2)];

/** A member that answers and knows no leader. */
function alone(ordinal: number): ReturnType<typeof row> {
  return row(ordinal, { role: "voter", health: "not ready", absence: "it knows no leader" });
}

describe("what differs from what is declared", () => {
  const table: readonly (readonly [string, ClusterSeen, readonly (string | RegExp)[]])[] = [
    ["nothing", cluster(three), []],
    ["replicas by hand", cluster([...three, row(3)]), [/^StatefulSet etcd has 4 replicas, declared are 3: /]],
    ["a member that is down", cluster([row(0), row(1), down(2)]), ["etcd-2 does not answer"]],
    ["a pod that is not ready", cluster([row(0), row(1), row(2, { health: "not ready" })]), ["etcd-2 is not ready"]],
    ["a learner", cluster([row(0), row(1), row(2, { role: "learner" })]), ["etcd-2 is still a learner"]],
    [
      "a pod that is no member",
      cluster([row(0), row(1), row(2, { role: "not a member" })]),
      ["etcd-2 runs and is not a member"],
    ],
    ["a member without a pod", cluster([row(0), row(1)], replicas(3)), [/^etcd-2 is missing/]],
    [
      "a member too many",
      cluster([...three, down(3)], replicas(3)),
      ["etcd-3 is beyond 3 replicas and has not left yet", /^claim data-etcd-3 is left/],
    ],
    [
      "a stranger on the list",
      cluster([...three, row(9, { name: "other", ordinal: undefined })], replicas(3)),
      [/^other \(a9\) is a member, but none of this StatefulSet's$/],
    ],
    [
      "a claim left over",
      cluster(three, { claims: [{ name: "data-etcd-4", uid: "v4", ordinal: 4, phase: "Bound", size: "1Gi" }] }),
      ["claim data-etcd-4 is left of a member beyond 3 replicas"],
    ],
    [
      "no quorum",
      cluster([row(0), down(1), down(2)], { quorum: false }),
      [/^no quorum answers/, "etcd-1 does not answer", "etcd-2 does not answer"],
    ],
    [
      "an alarm",
      cluster(three, { alarms: [{ memberId: "a1", kind: "NOSPACE" }] }),
      ["alarm NOSPACE of etcd-1: the database has reached its quota and takes no writes"],
    ],
    [
      "a recovery that was cut off, before the survivor is alone",
      cluster([alone(0), down(1), down(2)], {
        quorum: false,
        recovery: { goesOnAlone: "a0", givenUp: ["old", "a1", "a2"] },
      }),
      [
        /^no quorum answers/,
        /^a recovery is under way, or was cut off: etcd-0 \(member a0\) goes on alone at its next start/,
        /^etcd-1 \(member a1\) was given up by a recovery that is under way, or was cut off: `npm run member -- recover` go/,
        /^etcd-2 \(member a2\) was given up/,
        "etcd-0 is not ready: it knows no leader",
        "etcd-1 does not answer",
        "etcd-2 does not answer",
      ],
    ],
    [
      "a recovery that was cut off, where a quorum has come back",
      cluster(three, { recovery: { goesOnAlone: "a0", givenUp: ["a1"] } }),
      [
        /^a recovery has named etcd-0 \(member a0\) to go on alone, and a quorum answers: it takes that back by itself$/,
        /^etcd-1 \(member a1\) was given up by a recovery, and a quorum still lists it: `npm run member -- recover` takes/,
      ],
    ],
    [
      "nothing of a recovery that is done: who was given up is on no list",
      cluster(three, { recovery: { goesOnAlone: "", givenUp: ["b1", "b2"] } }),
      [],
    ],
    [
      "a replacement in the middle: the claim goes with its pod",
      cluster(three, {
        claims: [{ name: "data-etcd-1", uid: "v1", ordinal: 1, phase: "Terminating", size: "1Gi" }],
      }),
      [
        /^claim data-etcd-1 is being deleted: etcd-1 is replaced when its pod ends; `npm run member -- replace etcd-1` go/,
      ],
    ],
    [
      "a replacement in the middle: the old member is listed beside the pod that is another",
      cluster([...three.slice(0, 2), row(2, { id: "b2", role: "not a member" }), down(2)], replicas(3)),
      [
        /^etcd-2 is being replaced: its old member a2 is still on the list; `npm run member -- replace etcd-2` goes on/,
        "etcd-2 runs and is not a member",
        "etcd-2 does not answer",
      ],
    ],
    [
      "versions that differ",
      cluster([row(0), row(1), row(2, { version: "3.6.13" })]),
      ["members run different versions of etcd: etcd-0 3.6.14, etcd-1 3.6.14, etcd-2 3.6.13"],
    ],
  ];
  for (const [what, seen, expected] of table) {
    it(`${what}: ${expected.length === 0 ? "silence" : "said"}`, () => {
      const said = differences({ replicas: 3, memberImage: image }, seen);
      assert.equal(said.length, expected.length, said.join("\n"));
      for (const [at, sentence] of expected.entries()) {
        if (typeof sentence === "string") assert.equal(said[at], sentence);
        else assert.match(said[at] ?? "", sentence);
      }
    });
  }

  it("an image that is not the declared one is said of the StatefulSet and of the pods", () => {
    assert.deepEqual(differences({ replicas: 3, memberImage: "other" }, cluster(three)), [
      "StatefulSet etcd names another member image than declared",
      "another member image than declared runs in etcd-0, etcd-1, etcd-2",
    ]);
  });

  it("a cluster that hibernates as declared differs in nothing, and its claims are no leftovers", () => {
    const asleep = cluster([], { ...cluster(three), ...replicas(0), rows: [], pods: [], quorum: false });
    assert.deepEqual(differences({ replicas: 0, memberImage: image }, asleep), []);
  });
});
