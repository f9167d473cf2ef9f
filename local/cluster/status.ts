import { setTimeout as sleep } from "node:timers/promises";
import { ApiClient } from "./api.ts";
import type { Component } from "./component.ts";
import { clusterComponents } from "./components.ts";
import { isRunning, logFile, recordedProcess } from "./process.ts";
import { readRecord } from "./record.ts";
import { runsAsDescribed } from "./start.ts";

/** How long one look at all components may take (ms). */
const patience = 3000;

/** One line of the cluster's status. */
export interface ComponentStatus {
  name: string;
  pid: number | undefined;
  /** Whether all is well with it. */
  healthy: boolean;
  /** `running`, or what is wrong. */
  state: string;
  /** Start of the running process. */
  since: Date | undefined;
}

/** Looks at every component, at all of them at once; undefined when there is no cluster. */
export async function clusterStatus(): Promise<ComponentStatus[] | undefined> {
  if (readRecord() === undefined) {
    return undefined;
  }
  const api = new ApiClient();
  try {
    return await Promise.all(clusterComponents(api).map(statusOf));
  } finally {
    api.close();
  }
}

async function statusOf(component: Component): Promise<ComponentStatus> {
  const { name } = component;
  const record = recordedProcess(name);
  if (record === undefined || !isRunning(record)) {
    const state = record === undefined ? "not started" : `stopped; its log: ${logFile(name)}`;
    return { name, pid: undefined, healthy: false, state, since: undefined };
  }
  const healthy = await Promise.race([component.isReady(), sleep(patience, false, { ref: false })]);
  const running = { name, pid: record.pid, since: record.since };
  if (!healthy) {
    return { ...running, healthy: false, state: "runs, but does not do its work" };
  }
  return runsAsDescribed(component)
    ? { ...running, healthy: true, state: "running" }
    : { ...running, healthy: false, state: "runs other settings or versions: `up` replaces it" };
}
