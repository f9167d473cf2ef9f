import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemberClients } from "../../../workload/etcd/member-clients.ts";
import { HistoryWriter } from "../../../workload/history/writer.ts";
import { deviceRandom, replayedRandom } from "../../../workload/random.ts";
import { trafficOptions } from "../../../workload/commands/traffic-options.ts";
import { chooseCall, learn } from "../../../workload/traffic/choose-call.ts";
import { KeySpace } from "../../../workload/traffic/key-space.ts";
import { activities, chooseActivity, mixInWords, parseMix, rolledMix } from "../../../workload/traffic/mix.ts";
import { pace } from "../../../workload/traffic/pace.ts";
import { runTraffic } from "../../../workload/traffic/run.ts";
import { firstRevision } from "../../../workload/traffic/watchers.ts";

const device = deviceRandom();
const environment = { ETCD_CLUSTER_NAME: "etcd", ETCD_PEER_SERVICE: "etcd" };

describe("a mix of traffic", () => {
  it("is read from weights, and written as it is read", () => {
    const text = "put=50,serializable-get=3,watch=1";
    assert.equal(mixInWords(parseMix(text)), text);
    assert.equal(mixInWords(parseMix(" put = 1 , get=0")), "put=1");
  });

  for (const [text, sentence] of [
    ["puts=1", /"puts" is no operation: expected put, get, /],
    ["put", /the weight of put is "": expected a whole number from 0/],
    ["put=-1", /the weight of put is "-1"/],
    ["put=0", /nothing has a weight above 0/],
  ] as const) {
    it(`refuses ${text}`, () => assert.throws(() => parseMix(text), sentence));
  }

  it("gives each activity as often as its weight says", () => {
    const count = { put: 0, get: 0 };
    const mix = parseMix("put=3,get=1");
    for (let draw = 0n; draw < 400n; draw++) {
      const activity = chooseActivity(replayedRandom([draw]), mix);
      if (activity === "put" || activity === "get") count[activity] += 1;
    }
    assert.deepEqual(count, { put: 300, get: 100 });
  });

  it("is another one each time it is rolled", () => {
    assert.ok(new Set(Array.from({ length: 20 }, () => mixInWords(rolledMix(device)))).size > 15);
  });
});

describe("the calls of traffic", () => {
  let given = 0;
  const value = () => `v${given++}`;

  it("stay within their keys, and never write a value twice", () => {
    const keys = new KeySpace("p/", 10);
    const values = new Set<string>();
    let writes = 0;
    for (let round = 0; round < 2000; round++) {
      for (const activity of activities) {
        if (activity === "lease" || activity === "watch") continue;
        const call = chooseCall(activity, device, keys, value);
        const parts = call.op === "txn" ? [...call.then, ...call.else] : [call];
        for (const part of parts) {
          assert.ok("key" in part && part.key.startsWith("p/"));
          if (part.op === "put") {
            writes += 1;
            values.add(part.value);
          }
        }
        if (call.op === "txn") assert.equal(new Set(call.then.map(({ key }) => key)).size, call.then.length);
      }
    }
    assert.equal(values.size, writes);
  });

  it("swap what this process saw last, or what it never saw", () => {
    const keys = new KeySpace("k", 1);
    const condition = () => {
      const call = chooseCall("swap", replayedRandom([0n]), keys, value);
      return call.op === "txn" ? call.if[0] : undefined;
    };
    assert.deepEqual(condition(), { key: "k0", target: "version", is: "=", to: "0" });
    learn(keys, { op: "put", key: "k0", value: "1" }, { revision: "7" });
    assert.deepEqual(condition(), { key: "k0", target: "mod", is: "=", to: "7" });
    learn(keys, { op: "get", key: "k0" }, { revision: "8", kv: null });
    assert.deepEqual(condition(), { key: "k0", target: "version", is: "=", to: "0" });
  });

  it("have a range that ends where the prefix does", () => {
    assert.equal(new KeySpace("a/", 2).end, "a0");
    assert.throws(() => new KeySpace("", 2), /the prefix "" must end in a letter/);
  });
});

describe("the watches of traffic", () => {
  it("begin with what is to come, in the past of this run but not before it, or at a revision that is yet to come", () => {
    const begins = (...draws: bigint[]) => firstRevision(replayedRandom(draws), 1_000n, 900n);
    assert.equal(begins(0n), "0");
    assert.equal(begins(1n, 49n), "950");
    assert.equal(begins(1n, 149n), "901");
    assert.deepEqual([begins(2n, 0n), begins(2n, 1n), begins(2n, 2n)], ["1010", "2000", "101000"]);
  });
});

describe("the pace of traffic", () => {
  it("is even, and makes nothing up after a stall", async () => {
    const signal = new AbortController().signal;
    const paced = pace(100, 0);
    const started = performance.now();
    for (let count = 0; count < 11; count++) await paced.next(signal);
    const took = performance.now() - started;
    assert.ok(took > 90 && took < 400, `${took} ms`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const resumed = performance.now();
    for (let count = 0; count < 6; count++) await paced.next(signal);
    assert.ok(performance.now() - resumed > 40);
  });

  it("ends its waiting when the traffic is to end", async () => {
    const controller = new AbortController();
    const paced = pace(0.01, 0);
    await paced.next(controller.signal);
    const waiting = paced.next(controller.signal);
    controller.abort();
    await waiting;
  });
});

describe("the options of the traffic command", () => {
  it("roll what is not given, and take what is", () => {
    const options = trafficOptions(["--keys", "5", "--rate", "0", "--mix", "put=1", "--prefix", "a/"], environment);
    assert.ok(options !== "help");
    const rolled = options.rolled(device);
    assert.deepEqual([rolled.keys, rolled.rate, rolled.prefix, mixInWords(rolled.mix)], [5, undefined, "a/", "put=1"]);
    assert.ok(rolled.concurrency >= 1 && rolled.concurrency <= 12);
    assert.equal(options.durationMs, 10_000);
  });

  for (const [args, sentence] of [
    [["--keys", "0"], /--keys is "0": expected a whole number from 1 to 1000000/],
    [["--rate=-1"], /--rate is "-1": expected a number from 0/],
    [["--duration", "soon"], /--duration is "soon"/],
    [["--members", "etcd-0:2379"], /--members has "etcd-0:2379": expected an address such as/],
    [["--members", "https://etcd-0:2379"], /--members has "https:\/\/etcd-0:2379": expected an address such as http:/],
    [["--nonsense"], /nonsense/],
  ] as const) {
    it(`refuse ${args.join(" ")}`, () => assert.throws(() => trafficOptions(args, environment), sentence));
  }

  it("need to know where the cluster is", () => {
    assert.throws(() => trafficOptions([], {}), /ETCD_CLUSTER_NAME is not set/);
  });
});

describe("traffic that is told to end", () => {
  it("does not wait for a DNS that says nothing", async () => {
    let asked = (): void => undefined;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const silent = new MemberClients(() => {
      asked();
      return new Promise(() => undefined);
    }, 1_000);
    const end = new AbortController();
    const folder = mkdtempSync(join(tmpdir(), "traffic-"));
    const writer = new HistoryWriter(join(folder, "history.jsonl"));
    const context = {
      clients: silent,
      writer,
      keys: new KeySpace("k", 1),
      random: device,
      newValue: () => "v",
      since: 1n,
    };
    const options = { mix: parseMix("put=1"), concurrency: 0, watchers: 0, rate: undefined };
    const running = runTraffic(options, context, end.signal);
    await isAsked;
    end.abort();
    assert.deepEqual(await running, { ok: 0, failed: 0, unknown: 0 });
    writer.close();
    rmSync(folder, { recursive: true });
  });
});
