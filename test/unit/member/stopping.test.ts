import assert from "node:assert/strict";
import { HIGHEST_ORDINAL } from "../../../member/settings.ts";
import type { Member } from "../../../member/gateway.ts";
import { NoAnswer } from "../../../member/http.ts";
import { Denied, type PodWord } from "../../../member/kubernetes.ts";
import { Stop } from "../../../member/pause.ts";
import type { Etcd } from "../../../member/ports.ts";
import { runMember } from "../../../member/running.ts";
import { decideStop, stopEtcd, successor, turnToLeaveMs, type Candidate } from "../../../member/stopping.ts";
import { kubernetesWhere, portsWhere } from "./fake-ports.ts";

function candidate(ordinal: number, appliedIndex: bigint): Candidate {
  const member: Member = { id: `${ordinal}`, name: `etcd-${ordinal}`, peerUrls: [], clientUrls: [], isLearner: false };
  return { member, appliedIndex };
}

const ordinal = (member: Member): number => Number(member.id);

describe("the successor of a leader that stops", () => {
  it("is the most up-to-date voter", () => {
    assert.equal(successor([candidate(0, 10n), candidate(2, 12n)], ordinal)?.id, "2");
  });
  it("is, of equals, the one with the lowest ordinal, which stays longest", () => {
    assert.equal(successor([candidate(4, 12n), candidate(1, 12n), candidate(3, 12n)], ordinal)?.id, "1");
  });
  it("is nobody where nobody answers", () => {
    assert.equal(successor([], ordinal), undefined);
  });
  it("is found by index as a number, not as text", () => {
    assert.equal(successor([candidate(0, 9n), candidate(1, 10n)], ordinal)?.id, "1");
  });
});

describe("a member that is told to stop, at every ordinal and every number of replicas", () => {
  const ordinals = Array.from({ length: HIGHEST_ORDINAL + 1 }, (_, ordinal) => ordinal);
  const declared = [...ordinals, HIGHEST_ORDINAL + 1];

  it("leaves where it is beyond the replicas, and says how many there are", () => {
    for (const ordinal of ordinals)
      for (const replicas of declared.filter((each) => each > 0 && each <= ordinal))
        assert.deepEqual(decideStop(ordinal, replicas), { kind: "leave", replicas });
  });
  it("comes back where it is declared", () => {
    for (const ordinal of ordinals)
      for (const replicas of declared.filter((each) => each > ordinal))
        assert.deepEqual(decideStop(ordinal, replicas), { kind: "return" });
  });
  it("comes back from hibernation", () => {
    for (const ordinal of ordinals) assert.deepEqual(decideStop(ordinal, 0), { kind: "return" });
  });
  it("does not leave on a guess: the StatefulSet is gone or going, or nobody can say", () => {
    for (const ordinal of ordinals) assert.deepEqual(decideStop(ordinal, undefined), { kind: "return" });
  });
});

describe("etcd at the end of a member that comes back", () => {
  it("gets 5 s, and not the whole grace period: it may wait for a client that never sends a byte", async () => {
    const asked: number[] = [];
    const etcd: Etcd = {
      ...{ startedAt: 0, exited: new Promise<never>(() => undefined), isRunning: true },
      waitsInVain: () => Promise.resolve(false),
      stop: (withinMs) => {
        asked.push(withinMs);
        return Promise.resolve({ code: 0, signal: null });
      },
    };
    await stopEtcd(
      portsWhere(() => Promise.reject(new NoAnswer("silent"))),
      etcd,
      { kind: "return" },
    );
    assert.deepEqual(asked, [5_000]);
  });
});

describe("a member whose pod was deleted before its program could catch a signal", () => {
  /** How the life of a member with nothing to do ends: by itself, or not within the looks that the test gives it. */
  async function lives(
    answers: (PodWord | undefined | Error)[],
  ): Promise<{ stopped: boolean; asked: number; said: string[] }> {
    const stop = new Stop();
    const said: string[] = [];
    let asked = 0;
    const pod = (): Promise<PodWord | undefined> => {
      const answer = answers[asked++];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    };
    const ports = portsWhere(() => Promise.reject(new NoAnswer("silent")));
    const kubernetes = kubernetesWhere(() => Promise.reject(new NoAnswer("silent")), { pod });
    const clock = { now: () => 0, pause: () => new Promise<void>((resolve) => setImmediate(resolve)) };
    const life = { over: false };
    const ended = runMember({ ...ports, kubernetes, clock, log: (line) => said.push(line) }, stop).then(
      () => (life.over = true),
    );
    for (let look = 0; look < 50 && !life.over; look++) await clock.pause();
    const stopped = life.over;
    stop.ask();
    await ended;
    return { stopped, asked, said };
  }

  it("stops: the pod says what the lost signal would have said", async () => {
    const { stopped, said } = await lives([{ deleting: true }]);
    assert.equal(stopped, true);
    assert.ok(said.includes("This pod was deleted before its program ran: stopping"), said.join("\n"));
  });

  it("stops as soon as somebody can say, where the API server was away", async () => {
    const { stopped, asked } = await lives([new NoAnswer("away"), new NoAnswer("away"), { deleting: true }]);
    assert.deepEqual([stopped, asked], [true, 3]);
  });

  it("is asked about no more once it is told that the pod stays, that there is none, or that it may not ask", async () => {
    for (const answer of [{ deleting: false }, undefined, new Denied(403, "forbidden")])
      assert.deepEqual(await lives([answer]).then(({ stopped, asked }) => [stopped, asked]), [false, 1]);
  });
});

describe("members that go together make their changes in turn", () => {
  const listed = [0, 1, 2, 3, 4].map((each) => candidate(each, 1n).member);
  const turn = (ordinal: number): number =>
    turnToLeaveMs({ clusterName: "etcd", peerService: "etcd", scheme: "http", ordinal }, listed);
  it("the highest leaves first", () => {
    assert.equal(turn(4), 0);
    assert(turn(3) > 0 && turn(2) > turn(3));
  });
});
