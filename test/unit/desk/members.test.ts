import assert from "node:assert/strict";
import { Unreachable, type Answer } from "../../../desk/connection.ts";
import { readMembership, type Membership } from "../../../desk/members.ts";
import { memberAnswer, type Manner } from "./member-answer.ts";

interface Look {
  readonly seen: Membership;
  /** Of every question, in milliseconds. */
  readonly limits: readonly number[];
}

/** Looks at three members. Nobody answers before everybody was asked `atOnce` questions. */
async function look(manners: readonly Manner[], atOnce: number, leader = 0): Promise<Look> {
  const limits: number[] = [];
  let open = (): void => undefined;
  const allAsked = new Promise<void>((resolve) => (open = resolve));
  const call = async (pod: string, _port: number, path: string, withinMs: number, body?: object): Promise<Answer> => {
    limits.push(withinMs);
    if (limits.length === atOnce * manners.length) open();
    await allAsked;
    const ordinal = Number(pod.at(-1));
    const given = memberAnswer(manners[ordinal] ?? "silent", ordinal, path, body, leader);
    if (given === undefined) throw new Unreachable(`${pod} does not answer: it was given ${withinMs} ms`);
    return { status: 200, headers: {}, ...given };
  };
  const seen = await readMembership(
    { call },
    manners.map((_, ordinal) => `etcd-${ordinal}`),
  );
  return { seen, limits };
}

describe("who takes part, by each member's own word", () => {
  it("asks all members everything side by side, and waits 2 s for each answer", async () => {
    const { limits } = await look(["well", "silent", "hung"], 5);
    assert.deepEqual([limits.length, Math.max(...limits)], [15, 2_000]);
  });

  const table: readonly (readonly [Manner, string | RegExp | undefined])[] = [
    ["well", undefined],
    ["silent", "no answer within 2 s"],
    ["hung", /^it answers for itself alone/],
    ["stuck in a commit", /^it knows a leader and serves no client: .*its disk hangs$/],
    ["without quorum", "it knows no leader"],
  ];
  for (const [manner, expected] of table) {
    it(`one that is ${manner}: ${expected === undefined ? "takes part" : "does not, and why"}`, async () => {
      const { seen } = await look(["well", "well", manner], 5);
      assert(seen.quorum);
      assert.deepEqual(
        seen.rows.map(({ name }) => name),
        ["etcd-0", "etcd-1", "etcd-2"],
      );
      const [one, , third] = seen.rows;
      assert.equal(one?.absence, undefined);
      if (expected instanceof RegExp) assert.match(third?.absence ?? "", expected);
      else assert.equal(third?.absence, expected);
      assert.equal(third?.role, "voter");
    });
  }

  it("a leader that hangs while the others have another is none, whatever it says of itself", async () => {
    const { seen } = await look(["hung", "well", "well"], 5, 2);
    assert.deepEqual(
      seen.rows.map(({ role }) => role),
      ["voter", "voter", "leader"],
    );
    assert.match(seen.rows[0]?.absence ?? "", /^it answers for itself alone/);
  });

  it("one that is listed and has no pod does not either", async () => {
    const { seen } = await look(["well", "well"], 5);
    assert.deepEqual([seen.rows[2]?.name, seen.rows[2]?.absence], ["etcd-2", "no pod runs with its data"]);
  });
});
