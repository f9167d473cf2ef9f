import { rmSync } from "node:fs";
import { ensureDir } from "../paths.ts";
import { checkMachine } from "../toolchain/preconditions.ts";
import { ApiClient } from "./api.ts";
import { makeCgroups } from "./cgroup.ts";
import type { Component } from "./component.ts";
import { clusterComponents } from "./components.ts";
import { takeDown } from "./down.ts";
import { folders } from "./folders.ts";
import { makeKeys } from "./keys.ts";
import { withClusterLock } from "./lock.ts";
import { requireSpace } from "./disk-space.ts";
import { makeNetwork } from "./network.ts";
import { copyNode } from "./node-program.ts";
import { applyObjects } from "./objects.ts";
import { requireOwnership, takeOwnership } from "./owner.ts";
import { requireFreePorts } from "./ports.ts";
import { bootId, boundLogs, stopProcess } from "./process.ts";
import { clusterVersion, readRecord, writeRecord } from "./record.ts";
import { runsAsDescribed, runSteps, startStep } from "./start.ts";

/**
 * Brings the local cluster up: starts it when there is none, replaces one of other versions, and starts what is missing
 * of one that lost some of its processes (all of them in a reboot). The objects and volumes of a cluster stay.
 * @param report told what is being waited for
 * @returns what was done, in a few words
 * @throws UserError when this machine can't run it, a port is taken or a component does not start
 */
export async function bringUp(report: (line: string) => void): Promise<string> {
  checkMachine();
  return withClusterLock("cluster up", report, async () => {
    requireOwnership();
    const api = new ApiClient();
    try {
      return await bringUpAlone(api, report);
    } finally {
      api.close();
    }
  });
}

async function bringUpAlone(api: ApiClient, report: (line: string) => void): Promise<string> {
  const record = readRecord();
  const components = clusterComponents(api);
  if (record?.version === clusterVersion) {
    const missing = components.filter((component) => !runsAsDescribed(component));
    if (missing.length > 0 || !(await allReady(components))) {
      await start(api, components, missing, record.bootId !== bootId(), report);
    }
    boundLogs(components.map(({ name }) => name));
    return whatWasDone(components, missing);
  }
  if (record !== undefined) {
    report("replacing the cluster, which runs other versions");
  }
  await takeDown(report);
  await start(api, components, components, true, report);
  return record === undefined ? "started" : "replaced one of other versions";
}

function whatWasDone(components: readonly Component[], missing: readonly Component[]): string {
  if (missing.length === 0) {
    return "running";
  }
  return missing.length === components.length
    ? "started again"
    : `repaired: ${missing.map(({ name }) => name).join(", ")}`;
}

async function allReady(components: readonly Component[]): Promise<boolean> {
  return (await Promise.all(components.map((component) => component.isReady()))).every(Boolean);
}

async function start(
  api: ApiClient,
  components: readonly Component[],
  missing: readonly Component[],
  afterReboot: boolean,
  report: (line: string) => void,
): Promise<void> {
  requireSpace();
  await Promise.all(missing.map(({ name, grace }) => stopProcess(name, grace)));
  for (const component of missing) {
    requireFreePorts(component.name, component.listens);
  }
  if (afterReboot) {
    rmSync(folders.run, { recursive: true, force: true });
  }
  Object.values(folders).forEach(ensureDir);
  takeOwnership();
  writeRecord();
  makeCgroups();
  copyNode();
  report("making keys and the pod network");
  await Promise.all([makeKeys(), makeNetwork()]);
  report(`starting ${missing.map(({ name }) => name).join(", ")}`);
  const steps = [
    ...components.map(startStep),
    { name: "objects", after: ["kube-apiserver"], run: () => applyObjects(api) },
  ];
  await runSteps(steps, report);
}
