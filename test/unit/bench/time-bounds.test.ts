import assert from "node:assert/strict";
import { etcdTiming, timeBounds } from "../../../bench/time-bounds.ts";

describe("the time bounds that raft's settings make", () => {
  it("are computed from heartbeat and election timeout, and are no limits that a bench is held to", () => {
    const values = (settings: { heartbeatMs: number; electionMs: number }): number[] =>
      timeBounds(settings).flatMap(({ samples }) => samples.map(Math.round));
    assert.deepEqual(values(etcdTiming), [900, 1333, 2000, 100, 200]);
    assert.deepEqual(values({ heartbeatMs: 30, electionMs: 300 }), [270, 400, 600, 30, 60]);
    assert(timeBounds(etcdTiming).every(({ bound, name }) => bound === undefined && name.startsWith("theory: ")));
  });
});
