import { setTimeout as sleep } from "node:timers/promises";
import { Unreachable } from "./connection.ts";

const LOOK_EVERY_MS = 300;

/** A condition did not come to hold in the time it was given. */
export class TimedOut extends Error {}

/**
 * Waits for a condition. An API server that is away for a moment is no reason to give up.
 *
 * @param what of the condition, for the error: "etcd-1 is a voter"
 * @param withinMs deadline, in milliseconds
 * @throws TimedOut
 */
export async function eventually(what: string, withinMs: number, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    let last = "";
    try {
      if (await holds()) return;
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      last = ` (${error.message})`;
    }
    if (Date.now() > deadline) throw new TimedOut(`waited ${withinMs / 1000} s in vain until ${what}${last}`);
    await sleep(LOOK_EVERY_MS);
  }
}
