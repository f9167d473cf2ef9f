import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ProcessSignal } from "../../../drill/cluster/reach.ts";
import { World } from "../../../drill/cluster/world.ts";
import { Journal } from "../../../drill/faults/journal.ts";
import { type PlannedFault } from "../../../drill/report-format.ts";
import { Injector } from "../../../drill/run/injector.ts";
import { Monitor } from "../../../drill/run/monitor.ts";
import { pod } from "./recorded-run.ts";

const place = { kubeconfig: undefined, context: "c", namespace: "n" };

/** Three pods whose etcd takes signals. */
class Processes {
  readonly signals: string[] = [];
  /** Told of each signal before it has its effect. */
  told: (signal: ProcessSignal, pod: string) => void = () => undefined;
  /** Pods whose process is ending: a signal goes with it, and its successor has had none. */
  readonly ending = new Set<string>();
  /** Pods that can't be reached. */
  readonly broken = new Set<string>();
  readonly #state = new Map<string, { pid: number; state: string }>();

  readonly reach = {
    etcd: (name: string) => Promise.resolve(this.#at(name)),
    signal: (name: string, signal: ProcessSignal) => {
      this.told(signal, name);
      this.signals.push(`${signal} ${name}`);
      const { pid } = this.#at(name);
      const next = { KILL: { pid: pid + 1, state: "S" }, STOP: { pid, state: "T" }, CONT: { pid, state: "S" } };
      this.#state.set(name, this.ending.delete(name) ? next.KILL : next[signal]);
      return Promise.resolve();
    },
  };

  #at(name: string): { pid: number; state: string } {
    // What is taken for a mistake in the program is not tried again.
    if (this.broken.has(name)) throw new TypeError(`${name} is out of reach`);
    return this.#state.get(name) ?? { pid: 7, state: "S" };
  }

  /** The real one, but for what it reaches. */
  world(): World {
    const kubernetes = { place, pod: (name: string) => Promise.resolve(pod(name)), pods: () => Promise.resolve([]) };
    return Object.assign(Object.create(World.prototype) as World, {
      ...{ kubernetes, reach: this.reach, name: "etcd", replicas: 3 },
    });
  }
}

describe("the faults of a plan, as they are done", () => {
  const folder = mkdtempSync(join(tmpdir(), "injector-"));
  after(() => rmSync(folder, { recursive: true }));
  let processes = new Processes();
  let stop = new AbortController();
  beforeEach(() => {
    processes = new Processes();
    stop = new AbortController();
  });

  const fault = (kind: string, target: string, startMs: number, lastsMs = 0): PlannedFault => ({
    ...{ kind, target, startMs, lastsMs },
  });
  const journal = () => new Journal(place, folder);

  async function done(planned: readonly PlannedFault[], keepGoing = false): Promise<Injector> {
    const world = processes.world();
    const monitor = new Monitor(world, () => undefined);
    const timing = { began: Date.now(), durationMs: 60_000, stop: stop.signal };
    const injector = new Injector({
      ...{ world, journal: journal(), monitor, ...timing, keepGoing, say: () => undefined },
    });
    await injector.run(planned);
    return injector;
  }

  it("are each seen in their effect, and undone", async () => {
    const { done: faults, skipped } = await done([fault("kill", "0", 0), fault("pause", "1", 50, 200)]);
    assert.deepEqual(
      faults.map(({ effect, problem }) => [effect, problem]),
      [
        ["etcd-0: process 7 is gone, etcd runs again as 8", ""],
        ["etcd-1: process 7 is stopped (state T)", ""],
      ],
    );
    assert.deepEqual(processes.signals, ["KILL etcd-0", "STOP etcd-1", "CONT etcd-1"]);
    assert.deepEqual([journal().open, skipped], [[], []]);
  });

  it("stop the successor of a process that was ending as it was told to stop", async () => {
    processes.ending.add("etcd-1");
    const { done: faults } = await done([fault("pause", "1", 0, 200)]);
    assert.deepEqual(
      faults.map(({ effect, problem }) => [effect, problem]),
      [["etcd-1: process 8 is stopped (state T)", ""]],
    );
    assert.deepEqual(processes.signals, ["STOP etcd-1", "STOP etcd-1", "CONT etcd-1"]);
  });

  it("are written down with what undoes them before they are done", async () => {
    let written: unknown;
    processes.told = (signal) => {
      if (signal === "STOP") written = journal().open;
    };
    await done([fault("pause", "1", 0, 50)]);
    assert.deepEqual(written, [{ undo: "continue", pod: "etcd-1" }]);
  });

  it("are undone at once when the drill is ended, and the rest is not begun", async () => {
    processes.told = (signal) => {
      if (signal === "STOP") setTimeout(() => stop.abort(), 100);
    };
    const began = Date.now();
    const { done: faults, notReached } = await done([fault("pause", "1", 0, 50_000), fault("kill", "0", 40_000)]);
    assert.ok(Date.now() - began < 5_000);
    assert.deepEqual(processes.signals, ["STOP etcd-1", "CONT etcd-1"]);
    assert.deepEqual([faults.length, notReached, journal().open], [1, 1, []]);
  });

  it("wait for another one that they exclude", async () => {
    await done([fault("pause", "1", 0, 200), fault("pause", "1", 50, 50)]);
    assert.deepEqual(processes.signals, ["STOP etcd-1", "CONT etcd-1", "STOP etcd-1", "CONT etcd-1"]);
  });

  it("that are late begin apart, so that each is seen before the next undoes it", async () => {
    const { done: faults } = await done([fault("pause", "1", 0, 800), fault("kill", "1", 0), fault("kill", "0", 0)]);
    const begun = faults.map(({ startedAt }) => startedAt).sort((a, b) => a - b);
    const [first = 0, second = 0, third = 0] = begun;
    assert.ok(second - first >= 450 && third - second >= 450, begun.join(" "));
    const paused = faults.find(({ planned }) => planned.kind === "pause");
    assert.equal(paused?.effect, "etcd-1: process 7 is stopped (state T)");
  });

  it("end with the first that could not be done, unless the drill is to keep going", async () => {
    processes.broken.add("etcd-0");
    const planned = [fault("kill", "0", 0), fault("kill", "1", 100), fault("kill", "2", 200)];
    const first = await done(planned);
    assert.deepEqual([first.gaveUp, first.notReached], [true, 2]);
    assert.deepEqual(
      first.done.map(({ effect, problem }) => [effect, problem]),
      [["", "etcd-0 is out of reach"]],
    );
    const all = await done(planned, true);
    assert.deepEqual([all.gaveUp, all.notReached], [false, 0]);
    assert.deepEqual(
      all.done.map(({ problem }) => problem),
      ["etcd-0 is out of reach", "", ""],
    );
  });

  it("stay written down where they could not be undone", async () => {
    processes.told = (signal) => {
      if (signal === "STOP") setTimeout(() => processes.broken.add("etcd-1"), 100);
    };
    const { done: faults } = await done([fault("pause", "1", 0, 300)]);
    assert.equal(faults[0]?.problem, "etcd-1 is out of reach");
    const left = journal();
    assert.deepEqual(left.open, [{ undo: "continue", pod: "etcd-1" }]);
    left.remove(left.open);
  });

  it("are skipped with the reason where no cluster can have them, and never counted as done", async () => {
    const { done: faults, skipped } = await done([fault("disk-full", "1", 0), fault("disk-full", "2", 10)]);
    assert.deepEqual(faults, []);
    assert.deepEqual(
      skipped.map(({ kind, times, why }) => [kind, times, why.startsWith("the volumes are folders")]),
      [["disk-full", 2, true]],
    );
  });
});
