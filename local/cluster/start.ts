import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../errors.ts";
import { type Component, componentEnvironment, fingerprint } from "./component.ts";
import { readIfThere, writePrivately } from "./file.ts";
import { isRunning, launch, logFile, recordedProcess } from "./process.ts";

/** How long a component may take until it does its work (ms). Fast machines need a tenth. */
const patience = 90_000;
const interval = 25;

/** Whether the component's process runs, started with what it would be started with now. */
export function runsAsDescribed(component: Component): boolean {
  const record = recordedProcess(component.name);
  return record !== undefined && record.fingerprint === fingerprint(component) && isRunning(record);
}

/** One step of the cluster's start. */
export interface Step {
  name: string;
  /** Names of the steps that have to be done before. */
  after: readonly string[];
  /** Does it; may give up as soon as the signal says that another step has failed. */
  readonly run: (stop: AbortSignal) => Promise<void>;
}

/** The step that starts a component, unless it runs as described, and waits until it does its work. */
export function startStep(component: Component): Step {
  return { name: component.name, after: component.after, run: (stop) => startComponent(component, stop) };
}

/**
 * Runs steps, each as soon as those it comes after are done; resolves when all are.
 * @param report told what is still waited for
 * @throws what the first failing step throws
 */
export async function runSteps(steps: readonly Step[], report: (line: string) => void): Promise<void> {
  const waiting = new Set(steps.map(({ name }) => name));
  const begun = new Map<string, Promise<void>>();
  const stop = new AbortController();
  const runStep = async ({ name, after, run }: Step): Promise<void> => {
    await Promise.all(after.map(done));
    await run(stop.signal);
    waiting.delete(name);
    if (waiting.size > 0) {
      report(`waiting for ${[...waiting].join(", ")}`);
    }
  };
  const done = (name: string): Promise<void> => {
    const step = steps.find((candidate) => candidate.name === name);
    if (step === undefined) {
      throw new Error(`no step is named ${name}`);
    }
    const result = begun.get(name) ?? runStep(step);
    begun.set(name, result);
    return result;
  };
  try {
    await Promise.all(steps.map(({ name }) => done(name)));
  } finally {
    stop.abort();
  }
}

async function startComponent(component: Component, stop: AbortSignal): Promise<void> {
  let child: ChildProcess | undefined;
  if (!runsAsDescribed(component)) {
    for (const [file, content] of Object.entries(component.files ?? {})) {
      writePrivately(file, content);
    }
    child = launch({
      name: component.name,
      command: component.command,
      environment: componentEnvironment(component),
      fingerprint: fingerprint(component),
    });
  }
  const deadline = performance.now() + patience;
  while (!(await component.isReady())) {
    if (stop.aborted) {
      return;
    }
    if (child !== undefined && (child.exitCode !== null || child.signalCode !== null)) {
      const how = child.signalCode ?? `exit code ${child.exitCode ?? "unknown"}`;
      throw new UserError(`${component.name} ended (${how}) instead of starting; ${endOfLog(component.name)}`);
    }
    if (performance.now() > deadline) {
      throw new UserError(
        `${component.name} runs but has not done its work within ${patience / 1000} s; ${endOfLog(component.name)}`,
      );
    }
    await sleep(interval);
  }
}

function endOfLog(name: string): string {
  const lines = (readIfThere(logFile(name)) ?? "").trimEnd().split("\n").slice(-8);
  return `the end of its log ${logFile(name)}:\n${lines.map((line) => `  ${line.slice(0, 400)}`).join("\n")}`;
}
