import { memberHost, memberName, peerUrl } from "./address.ts";
import type { FirstStartFlags } from "./etcd-process.ts";
import type { Latch } from "./latch.ts";
import type { LatchStore } from "./latch-store.ts";
import { SaidOnce } from "./log.ts";
import type { Stop } from "./pause.ts";
import type { Ports } from "./ports.ts";

const NAME_LOOKED_UP_EVERY_MS = 50;

/**
 * Claims this founder's first start: the note on the volume first, the claim second. A claim whose volume carries its
 * word was cut off, not lost.
 *
 * @returns false where the ordinal was claimed in the meantime
 */
export async function claimFounding(ports: Ports, store: LatchStore): Promise<boolean> {
  const word = ports.randomWord();
  ports.volume.noteFirstStart({ kind: "founding", claim: word });
  await ports.reached("founding-noted");
  const claimed = await store.claim(ports.settings.ordinal, word);
  await ports.reached("founding-claimed");
  return claimed;
}

/**
 * Static parallel bootstrap: every founder starts with the same list, once all their names resolve.
 *
 * @returns undefined where the pod was told to stop meanwhile
 */
export async function found(ports: Ports, latch: Latch, stop: Stop): Promise<FirstStartFlags | undefined> {
  const { settings } = ports;
  await Promise.all(latch.founders.map((ordinal) => waitForName(ports, memberHost(settings, ordinal), stop)));
  if (stop.asked) return undefined;
  const names = latch.founders.map((ordinal) => memberName(settings, ordinal));
  ports.log(`Founding: ${names.join(", ")}`);
  const urls = latch.founders.map((ordinal): [string, string] => [
    memberName(settings, ordinal),
    peerUrl(settings, ordinal),
  ]);
  return { initialCluster: new Map(urls), state: "new", token: `${settings.clusterToken}/${latch.token}` };
}

/** etcd could start without, and would fill the log with errors until the name is there. */
export async function waitForName(ports: Ports, host: string, stop: Stop): Promise<void> {
  const said = new SaidOnce(ports);
  while (!stop.asked) {
    if (await ports.resolves(host)) return;
    said.say(`Waiting for ${host} to come up`);
    await ports.clock.pause(NAME_LOOKED_UP_EVERY_MS, stop);
  }
}
