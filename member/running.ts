import { attendStart } from "./attending.ts";
import { describeExit, type Exit } from "./etcd-process.ts";
import { decideStart } from "./decision.ts";
import { departedOrdinals, keepHouse } from "./housekeeping.ts";
import { LatchStore } from "./latch-store.ts";
import { heedEarlierDeletion } from "./lost-signal.ts";
import { declaredReplicas } from "./observation.ts";
import { Stop } from "./pause.ts";
import type { Etcd, Ports } from "./ports.ts";
import { prepareStart } from "./starting.ts";
import { decideStop, stopEtcd } from "./stopping.ts";

/** All that is decided, as pure functions. The simulation hands in wrong ones, to see that it notices. */
export interface Decisions {
  readonly start: typeof decideStart;
  readonly stop: typeof decideStop;
  readonly departed: typeof departedOrdinals;
}

export const theDecisions: Decisions = { start: decideStart, stop: decideStop, departed: departedOrdinals };

/** An etcd that lived at least this long is started again at once, however often; one that can't live is started ever more slowly. */
const LIVED_MS = 3_000;
const LONGEST_PAUSE_MS = 5_000;

/**
 * A member's whole life: starts etcd as what it is to be, starts it again when it ends, stops it with care.
 *
 * @throws RefusedStart
 */
export async function runMember(ports: Ports, stop: Stop, decisions = theDecisions): Promise<void> {
  const store = new LatchStore(ports);
  void heedEarlierDeletion(ports, stop).catch((error: unknown) => reportDefect(ports, error));
  for (let restarts = 0, pauseMs = 0; ; restarts++) {
    const ready = await prepareStart(ports, store, stop, decisions.start);
    if (ready === undefined) return;
    const etcd = ports.startEtcd(ready.first);
    const over = endOf(etcd, stop);
    const beside = Promise.allSettled([
      attendStart(ports, store, etcd, ready.first?.state === "existing", over).catch((error: unknown) =>
        reportDefect(ports, error),
      ),
      keepHouse(ports, over, decisions.departed).catch((error: unknown) => reportDefect(ports, error)),
    ]);
    await ports.reached("etcd-started");
    const exit = await exitOrStop(ports, etcd, stop, decisions.stop);
    await beside;
    if (stop.asked) return;
    pauseMs = ports.clock.now() - etcd.startedAt >= LIVED_MS ? 0 : Math.min(LONGEST_PAUSE_MS, pauseMs * 1.5 + 50);
    const later = pauseMs > 0 ? ` in ${pauseMs.toFixed(0)} ms` : "";
    ports.log(`${describeExit(exit)}; starting it again${later} (restart ${restarts + 1})`);
    await ports.clock.pause(pauseMs, stop);
  }
}

/** Asked when etcd has ended, or when the pod is told to stop: what runs beside etcd ends at once, and holds up no restart. */
function endOf(etcd: Etcd, stop: Stop): Stop {
  const over = new Stop();
  const takeBack = stop.onAsked(() => over.ask());
  const end = (): void => {
    takeBack();
    over.ask();
  };
  etcd.exited.then(end, end);
  if (stop.asked) over.ask();
  return over;
}

/** What runs beside etcd must not take etcd down with it. */
function reportDefect(ports: Ports, error: unknown): void {
  ports.log(
    `A defect of the member program: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
}

/** Waits until etcd has ended, by itself or because the pod was told to stop. */
async function exitOrStop(ports: Ports, etcd: Etcd, stop: Stop, decide: Decisions["stop"]): Promise<Exit> {
  const asked = new Promise<void>((resolve) => {
    if (stop.asked) resolve();
    else stop.onAsked(resolve);
  });
  await Promise.race([etcd.exited, asked]);
  if (stop.asked && etcd.isRunning) {
    await stopEtcd(ports, etcd, decide(ports.settings.ordinal, await declaredReplicas(ports)));
  }
  return await etcd.exited;
}
