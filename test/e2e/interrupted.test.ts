import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { eventually, TestStack, tryKubectl } from "./world.ts";

describe("an up that was cut off", function () {
  this.timeout(240_000);
  const stack = new TestStack("cut-off");

  before(async function () {
    this.timeout(1_800_000);
    await stack.removeLeftovers();
    await stack.run("preview");
  });
  afterEach(() => stack.removeLeftovers());
  after(() => stack.cleanUp());

  /** `up` as a terminal runs it: a process group of its own, which gets the signals. */
  function startUp(): { group: number; ended: Promise<void>; child: ChildProcess } {
    const child = spawn(process.execPath, stack.commandLine("up"), { detached: true, stdio: "ignore" });
    const ended = new Promise<void>((resolve) => child.on("exit", () => resolve()));
    assert(child.pid !== undefined);
    return { group: child.pid, ended, child };
  }

  async function statefulSetIsThere(): Promise<void> {
    await eventually("the StatefulSet is there", 60_000, async () =>
      (await tryKubectl("-n", stack.namespace, "get", "statefulset", "etcd")).exitCode === 0 ? true : undefined,
    );
  }

  for (const [how, signal] of [
    ["by Ctrl-C", "SIGINT"],
    ["by kill -9 of all its processes", "SIGKILL"],
  ] as const) {
    it(`${how}, while the members start, goes on at the next up`, async () => {
      const up = startUp();
      await statefulSetIsThere();
      process.kill(-up.group, signal);
      await up.ended;
      const again = await stack.run("up");
      assert.match(again.stdout, /etcd-2 .*healthy/);
      await stack.run("preview", "--expect-no-changes");
    });
  }
});
