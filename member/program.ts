import { writeFileSync } from "node:fs";
import { log } from "./log.ts";
import { Stop } from "./pause.ts";
import type { Ports } from "./ports.ts";
import { runMember } from "./running.ts";
import { parseSettings, type Settings } from "./settings.ts";
import { RefusedStart } from "./starting.ts";

/**
 * PID 1 of an etcd pod: a member's life until a signal ends it.
 *
 * @returns the exit code
 */
export async function main(portsOf: (settings: Settings) => Ports): Promise<number> {
  const stop = new Stop();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (!stop.asked) log(`${signal}: stopping`);
      stop.ask();
    });
  }
  try {
    await runMember(portsOf(parseSettings(process.env)), stop);
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
