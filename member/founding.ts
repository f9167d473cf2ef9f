import { randomBytes } from "node:crypto";
import { lookup } from "node:dns/promises";
import { memberHost, memberName, peerUrl } from "./address.ts";
import { noteFirstStart } from "./data-dir.ts";
import type { FirstStartFlags } from "./etcd-process.ts";
import type { Latch } from "./latch.ts";
import type { LatchStore } from "./latch-store.ts";
import { log, SaidOnce } from "./log.ts";
import { pause, type Stop } from "./pause.ts";
import type { Settings } from "./settings.ts";

const NAME_LOOKED_UP_EVERY_MS = 50;

/**
 * Claims this founder's first start: the note on the volume first, the claim second. A claim whose volume carries its
 * word was cut off, not lost.
 *
 * @returns false where the ordinal was claimed in the meantime
 */
export function claimFounding(settings: Settings, store: LatchStore): Promise<boolean> {
  const word = randomBytes(8).toString("hex");
  noteFirstStart(settings.dataDir, { kind: "founding", claim: word });
  return store.claim(settings.ordinal, word);
}

/**
 * Static parallel bootstrap: every founder starts with the same list, once all their names resolve.
 *
 * @returns undefined where the pod was told to stop meanwhile
 */
export async function found(settings: Settings, latch: Latch, stop: Stop): Promise<FirstStartFlags | undefined> {
  await Promise.all(latch.founders.map((ordinal) => waitForName(memberHost(settings, ordinal), stop)));
  if (stop.asked) return undefined;
  const names = latch.founders.map((ordinal) => memberName(settings, ordinal));
  log(`Founding: ${names.join(", ")}`);
  const urls = latch.founders.map((ordinal): [string, string] => [
    memberName(settings, ordinal),
    peerUrl(settings, ordinal),
  ]);
  return { initialCluster: new Map(urls), state: "new", token: `${settings.clusterToken}/${latch.token}` };
}

/** etcd could start without, and would fill the log with errors until the name is there. */
async function waitForName(host: string, stop: Stop): Promise<void> {
  const said = new SaidOnce();
  while (!stop.asked) {
    const address = await lookup(host).catch(() => undefined);
    if (address !== undefined) return;
    said.say(`Waiting for ${host} to come up`);
    await pause(NAME_LOOKED_UP_EVERY_MS, stop);
  }
}
