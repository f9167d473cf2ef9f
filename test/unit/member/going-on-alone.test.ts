import assert from "node:assert/strict";
import { goOnAlone } from "../../../member/going-on-alone.ts";
import type { Gateway } from "../../../member/gateway.ts";
import { LatchStore } from "../../../member/latch-store.ts";
import { Stop } from "../../../member/pause.ts";
import type { Etcd, Ports } from "../../../member/ports.ts";
import { Trouble } from "../../../member/trouble.ts";
import { portsWhere } from "./fake-ports.ts";

const SELF = "a0";
const alone = [{ id: SELF, name: "etcd-0", peerUrls: [], clientUrls: [], isLearner: false }];
const both = [...alone, { id: "a1", name: "etcd-1", peerUrls: [], clientUrls: [], isLearner: false }];

/** A member whose etcd gives these member lists, one after the other; what happens is told in order. */
function memberWhere(lists: readonly (typeof both)[], isRunning: () => boolean = () => true) {
  const told: string[] = [];
  const answers = [...lists];
  const etcd: Etcd = {
    startedAt: 0,
    exited: Promise.resolve({ code: 0, signal: null }),
    get isRunning() {
      return isRunning();
    },
    waitsInVain: () => Promise.resolve(false),
    stop: () => {
      told.push("etcd stopped");
      return Promise.resolve({ code: 0, signal: null });
    },
  };
  const fake = portsWhere(() => Promise.resolve(true));
  const ports: Ports = {
    ...fake,
    startEtcd: (first) => {
      told.push(first === "alone" ? "etcd started alone" : "etcd started");
      return etcd;
    },
    gateway: () =>
      ({
        status: () => Promise.resolve({ leaderId: SELF }),
        members: () => Promise.resolve({ members: answers.shift() ?? both }),
      }) as unknown as Gateway,
    kubernetes: {
      ...fake.kubernetes,
      compareAndSet: (_name: string, key: string, seen: string, value: string) => {
        told.push(`latch: ${key} from "${seen}" to "${value}"`);
        return Promise.resolve(true);
      },
    },
  };
  return { ports, told, store: new LatchStore(ports) };
}

describe("going on alone", () => {
  it("tells the latch only when the others are off the list, and etcd has ended", async () => {
    const { ports, told, store } = memberWhere([both, both, alone]);
    await goOnAlone(ports, store, SELF, new Stop());
    assert.deepEqual(told, ["etcd started alone", "etcd stopped", `latch: recovery from "${SELF}" to ""`]);
  });

  it("leaves the latch as it is when etcd ends too early: it is done again", async () => {
    let looks = 0;
    const { ports, told, store } = memberWhere([], () => ++looks < 3);
    await assert.rejects(goOnAlone(ports, store, SELF, new Stop()), Trouble);
    assert(!told.some((line) => line.startsWith("latch")));
  });

  it("leaves the latch as it is when the pod is told to stop meanwhile, and ends etcd", async () => {
    const stop = new Stop();
    stop.ask();
    const { ports, told, store } = memberWhere([]);
    await goOnAlone(ports, store, SELF, stop);
    assert.deepEqual(told, ["etcd started alone", "etcd stopped"]);
  });
});
