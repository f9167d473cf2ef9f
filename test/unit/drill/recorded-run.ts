import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Dump } from "../../../drill/cluster/gateway.ts";
import { type PodFacts } from "../../../drill/cluster/kubernetes.ts";
import { viewOf, type View } from "../../../drill/cluster/world.ts";
import { type Evidence } from "../../../drill/judge/report.ts";
import { type DoneFault } from "../../../drill/run/injector.ts";
import { properties } from "../../../workload/assertions/catalog.ts";
import { type AssertionEvent } from "../../../workload/assertions/read.ts";
import { type Stored, type StoredAt } from "../../../workload/history/format.ts";
import { HistoryWriter } from "../../../workload/history/writer.ts";

export const pods = ["etcd-0", "etcd-1", "etcd-2"] as const;

/** A store that answers as etcd does, for puts and gets. */
export class TinyStore {
  revision = 1;
  keys = new Map<string, Stored>();

  put(key: string, value: string): number {
    const old = this.keys.get(key);
    const mod = String(++this.revision);
    const version = String(Number(old?.version ?? "0") + 1);
    this.keys.set(key, { value, mod, create: old?.create ?? mod, version });
    return this.revision;
  }

  dump(): Dump {
    const keys: StoredAt[] = [...this.keys].map(([key, kv]) => ({ key, ...kv }));
    return { revision: String(this.revision), keys: keys.sort((a, b) => (a.key < b.key ? -1 : 1)) };
  }
}

/** What stands between clients and store, and may do wrong. */
export interface Wire {
  put(store: TinyStore, key: string, value: string, number: number): number;
  get(store: TinyStore, key: string, number: number): { revision: number; kv: Stored | null };
}

/** Does as it is told. */
export const honest: Wire = {
  put: (store, key, value) => store.put(key, value),
  get: (store, key) => ({ revision: store.revision, kv: store.keys.get(key) ?? null }),
};

/** Writes and reads through the wire, recorded as the workload records it; then the dump of each member. */
export function recordedRun(wire: Wire): Evidence {
  const folder = mkdtempSync(join(tmpdir(), "recorded-run-"));
  const began = Date.now();
  const store = new TinyStore();
  const file = join(folder, "client.jsonl");
  const writer = new HistoryWriter(file, { process: "client", since: "1" });
  for (let number = 0; number < 60; number++) {
    const key = `k${number % 5}`;
    const member = `${pods[number % 3] ?? ""}.etcd`;
    if (number % 2 === 0) {
      writer.begin(0, member, { op: "put", key, value: `v${number}` });
      writer.end<"put">(0, { ok: { revision: String(wire.put(store, key, `v${number}`, number)) } });
    } else {
      writer.begin(0, member, { op: "get", key });
      const { revision, kv } = wire.get(store, key, number);
      writer.end<"get">(0, { ok: { revision: String(revision), kv } });
    }
  }
  writer.close();
  return evidence({ began, file, dumpFile: dumpHistory(folder, store), dump: store.dump() });
}

function dumpHistory(folder: string, store: TinyStore): string {
  const file = join(folder, "final-dump.jsonl");
  const writer = new HistoryWriter(file, { process: "final-dump" });
  const { keys, revision } = store.dump();
  writer.begin(0, "etcd-0", { op: "range", key: "k", end: "l" });
  writer.end<"range">(0, { ok: { revision, kvs: keys, count: keys.length } });
  writer.close();
  return file;
}

export function pod(name: string, changes: Partial<PodFacts> = {}): PodFacts {
  return {
    name,
    uid: `uid-${name}`,
    ip: "198.18.0.1",
    node: "n",
    ready: true,
    restarts: 0,
    leaving: false,
    unscheduled: "",
    ...changes,
  };
}

export function view(atMs: number, healthy: boolean): View {
  const status = { leaderId: "1", revision: 9, version: "3.6.14", isLearner: false, dbSize: 1 };
  const members = pods.map((name, at) => ({
    pod: name,
    status: { ...status, memberId: String(at + 1) },
    ready: healthy,
  }));
  return viewOf(members, atMs);
}

export function doneFault(began: number, changes: Partial<DoneFault> = {}): DoneFault {
  return {
    number: 1,
    planned: { kind: "kill", target: "leader", startMs: 0, lastsMs: 0 },
    targets: ["etcd-0"],
    startedAt: began,
    endedAt: began + 100,
    effect: "etcd-0: process 7 is gone",
    problem: "",
    ...changes,
  };
}

/** Each of the workload's properties, as test commands assert it; `changes` by message. */
export function asserted(changes: Readonly<Record<string, Partial<AssertionEvent>>> = {}): AssertionEvent[] {
  return Object.entries(properties).map(([message, { kind }]) => ({
    ...{ type: "assertion", message, kind, condition: true, hit: true, details: { why: "because" } },
    ...changes[message],
  }));
}

function evidence(run: { began: number; file: string; dumpFile: string; dump: Dump }): Evidence {
  const { began, file, dumpFile, dump } = run;
  return {
    began,
    endedAt: began + 10_000,
    run: {
      ...{ plan: "smoke", seed: 1, durationMs: 9_000, onlyFaults: [], stack: "test", context: "c", namespace: "n" },
      ...{ reach: "node", members: 3, clients: 1, commit: "", command: "npm run drill", arguments: [], planned: [] },
    },
    versions: {},
    settings: {},
    injected: { done: [doneFault(began)], skipped: [], notReached: 0, gaveUp: false },
    views: [view(began + 50, false), view(began + 1_000, true)],
    beginning: { ids: new Map(pods.map((name, at) => [name, String(at + 1)])), pods: pods.map((name) => pod(name)) },
    end: {
      healthy: true,
      members: pods.map((name, at) => ({ pod: name, dump, hash: "77", memberId: String(at + 1) })),
      hashRevision: Number(dump.revision),
      listed: pods.map((name, at) => ({ id: String(at + 1), name, isLearner: false })),
      claims: pods.map((name) => `data-${name}`),
      pods: pods.map((name) => pod(name)),
      restless: [],
      file: dumpFile,
    },
    files: [file],
    asserted: asserted(),
    timing: { electionMs: 1_000, deadlineMs: 2_000 },
    warnings: [],
  };
}
