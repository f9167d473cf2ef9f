import { writeFileSync } from "node:fs";
import { attendStart } from "./attending.ts";
import { describeExit, EtcdProcess, type Exit } from "./etcd-process.ts";
import { keepHouse } from "./housekeeping.ts";
import { Kubernetes } from "./kubernetes.ts";
import { LatchStore } from "./latch-store.ts";
import { log } from "./log.ts";
import { pause, Stop } from "./pause.ts";
import { declaredReplicas } from "./observation.ts";
import { parseSettings, type Settings } from "./settings.ts";
import { prepareStart, RefusedStart } from "./starting.ts";
import { decideStop, stopEtcd } from "./stopping.ts";

/** It answers in milliseconds, or it is away, and then a restart must not wait for it. */
const API_SERVER_ANSWERS_WITHIN_MS = 1_000;
/** An etcd that lived at least this long is started again at once, however often; one that can't live is started ever more slowly. */
const LIVED_MS = 3_000;
const LONGEST_PAUSE_MS = 5_000;

/** PID 1 of every etcd pod: starts etcd as what it is to be, starts it again when it ends, stops it with care. */
async function run(settings: Settings, stop: Stop): Promise<void> {
  const kubernetes = new Kubernetes(settings.namespace, API_SERVER_ANSWERS_WITHIN_MS);
  const store = new LatchStore(settings, kubernetes);
  for (let restarts = 0, pauseMs = 0; ; restarts++) {
    const ready = await prepareStart(settings, kubernetes, store, stop);
    if (ready === undefined) return;
    const etcd = new EtcdProcess(settings, ready.first);
    const beside = Promise.allSettled([
      attendStart(settings, store, etcd, stop).catch(reportDefect),
      keepHouse(settings, kubernetes, etcd, stop).catch(reportDefect),
    ]);
    const exit = await exitOrStop(settings, kubernetes, etcd, stop);
    await beside;
    if (stop.asked) return;
    pauseMs = Date.now() - etcd.startedAt >= LIVED_MS ? 0 : Math.min(LONGEST_PAUSE_MS, pauseMs * 2 + 100);
    log(`${describeExit(exit)}; starting it again${pauseMs > 0 ? ` in ${pauseMs} ms` : ""} (restart ${restarts + 1})`);
    await pause(pauseMs, stop);
  }
}

/** What runs beside etcd must not take etcd down with it. */
function reportDefect(error: unknown): void {
  log(`A defect of the member program: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
}

/** Waits until etcd has ended, by itself or because the pod was told to stop. */
async function exitOrStop(settings: Settings, kubernetes: Kubernetes, etcd: EtcdProcess, stop: Stop): Promise<Exit> {
  const asked = new Promise<void>((resolve) => stop.onAsked(resolve));
  await Promise.race([etcd.exited, asked]);
  if (stop.asked && etcd.isRunning) {
    const decision = decideStop(settings.ordinal, await declaredReplicas(settings, kubernetes));
    await stopEtcd(settings, etcd, decision);
  }
  return await etcd.exited;
}

async function main(): Promise<number> {
  const stop = new Stop();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (!stop.asked) log(`${signal}: stopping`);
      stop.ask();
    });
  }
  try {
    await run(parseSettings(process.env), stop);
    return 0;
  } catch (error) {
    const why = error instanceof RefusedStart ? `Refusing to start: ${error.message}` : (error as Error).message;
    log(why);
    tellKubelet(why);
    return 1;
  }
}

/** What `kubectl describe pod` shows as the reason of the container's end. */
function tellKubelet(why: string): void {
  try {
    writeFileSync("/dev/termination-log", why);
  } catch (error) {
    log(`/dev/termination-log can't be written: ${(error as Error).message}`);
  }
}

// A request that nobody waits for any more must not keep the pod from ending.
void main().then((code) => process.exit(code));
