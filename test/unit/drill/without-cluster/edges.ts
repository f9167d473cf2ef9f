import { mkdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { judge } from "../../../../drill/judge/report.ts";
import { type BadStack } from "../../../../drill/known-bad/stack.ts";
import { type DrillOptions } from "../../../../drill/options.ts";
import { type Report } from "../../../../drill/report-format.ts";
import { UserError } from "../../../../local/errors.ts";
import { answersFromBefore, losesAWrite } from "../bad-wires.ts";
import { honest, recordedRun, type Wire } from "../recorded-run.ts";

export { writeReport } from "../../../../drill/run/drill.ts";

/** What the rounds are to be like, by the variable ROUNDS of the test that starts this. */
const wires: Readonly<Record<string, readonly Wire[]>> = {
  sound: [honest],
  "stale in the second": [honest, answersFromBefore],
  "a write is lost": [losesAWrite],
  endless: [honest],
};

const rounds = process.env["ROUNDS"] ?? "";
let round = 0;

export function bringUp(): Promise<BadStack> {
  if (rounds === "no etcd") return Promise.reject(new UserError("etcd could not be built"));
  const remove = () => {
    console.log("the stack is gone");
    return Promise.resolve();
  };
  const place = { kubeconfig: undefined, context: "none", namespace: "none" };
  return Promise.resolve({ place, name: "etcd", remove });
}

export const World = { open: () => Promise.resolve({}) };

/** A round: what the real checker says of a run that was recorded over a wire that may do wrong. */
export async function runDrill(
  _options: DrillOptions,
  _world: unknown,
  _screen: unknown,
  stop: AbortController,
  folder: string,
): Promise<Report> {
  const made = wires[rounds];
  const wire = made?.[Math.min(round++, made.length - 1)];
  if (wire === undefined) throw new Error(`no round can be "${rounds}"`);
  mkdirSync(folder, { recursive: true });
  if (rounds === "endless") {
    console.log("the round has begun");
    await sleep(120_000, undefined, { signal: stop.signal }).catch(() => undefined);
  }
  return judge(recordedRun(wire));
}
