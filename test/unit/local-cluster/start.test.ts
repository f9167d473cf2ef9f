import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { runSteps, type Step } from "../../../local/cluster/start.ts";

const silent = (): void => undefined;

describe("steps of the cluster's start", () => {
  it("begin as soon as those before them are done, side by side", async () => {
    const order: string[] = [];
    const step = (name: string, after: string[], milliseconds: number): Step => ({
      name,
      after,
      run: async () => {
        order.push(`${name} begins`);
        await sleep(milliseconds);
        order.push(`${name} ends`);
      },
    });
    await runSteps([step("last", ["slow", "quick"], 0), step("slow", [], 40), step("quick", [], 5)], silent);
    assert.deepEqual(order, ["slow begins", "quick begins", "quick ends", "slow ends", "last begins", "last ends"]);
  });

  it("say what is still waited for", async () => {
    const lines: string[] = [];
    const step = (name: string, after: string[]): Step => ({ name, after, run: () => Promise.resolve() });
    await runSteps([step("etcd", []), step("kube-apiserver", ["etcd"])], (line) => lines.push(line));
    assert.deepEqual(lines, ["waiting for kube-apiserver"]);
  });

  it("that fail end the start with their error, stop those that wait and keep the next from beginning", async () => {
    let stopped = false;
    let begun = false;
    const steps: Step[] = [
      { name: "broken", after: [], run: () => Promise.reject(new Error("no luck")) },
      {
        name: "waiting",
        after: [],
        run: async (stop) => {
          while (!stop.aborted) {
            await sleep(1);
          }
          stopped = true;
        },
      },
      {
        name: "next",
        after: ["broken"],
        run: () => {
          begun = true;
          return Promise.resolve();
        },
      },
    ];
    await assert.rejects(runSteps(steps, silent), /no luck/);
    await sleep(10);
    assert.deepEqual({ stopped, begun }, { stopped: true, begun: false });
  });

  it("can't come after one there is not", async () => {
    const step: Step = { name: "etcd", after: ["nothing"], run: () => Promise.resolve() };
    await assert.rejects(runSteps([step], silent), /no step is named nothing/);
  });
});
