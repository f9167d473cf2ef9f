import { memberHost, memberName, peerUrl } from "./address.ts";
import type { FirstStartFlags } from "./etcd-process.ts";
import type { Latch } from "./latch.ts";
import type { LatchStore } from "./latch-store.ts";
import type { Stop } from "./pause.ts";
import type { Ports } from "./ports.ts";

const NAME_LOOKED_UP_EVERY_MS = 50;
/** After this time everything is looked at anew: the cluster may have formed without whoever is waited for. */
const LOOK_ANEW_AFTER_MS = 15_000;
/** What founders that start in the same moment lose at least, were none of them waited for: see firstServes. */
const FIRST_SERVES_WITHIN_MS = 2_000;
const FIRST_ASKED_EVERY_MS = 20;
/** A stop that is asked for meanwhile waits for so long. */
const FIRST_ANSWERS_WITHIN_MS = 500;

/**
 * Claims this founder's first start: the note on the volume first, the claim second. A claim whose volume carries its
 * word was cut off, not lost. A word that is noted already is used again: a claim with it may still be on its way.
 *
 * @returns false where the ordinal was claimed in the meantime
 */
export async function claimFounding(ports: Ports, store: LatchStore): Promise<boolean> {
  const seen = ports.volume.lookAt();
  const noted = seen.kind === "empty" && seen.firstStart?.kind === "founding" ? seen.firstStart.claim : undefined;
  const word = noted ?? ports.randomWord();
  if (noted === undefined) ports.volume.noteFirstStart({ kind: "founding", claim: word });
  await ports.reached("founding-noted");
  const claimed = await store.claim(ports.settings.ordinal, word);
  await ports.reached("founding-claimed");
  return claimed;
}

/**
 * Static bootstrap: every founder starts with the same list, once all their names resolve; the lowest one first, the others
 * side by side.
 *
 * @param isFormed the cluster has formed already, and nobody is waited for: some of the founders may be gone for good
 * @returns undefined where everything is to be looked at anew, or the pod was told to stop
 */
export async function found(
  ports: Ports,
  latch: Latch,
  isFormed: boolean,
  stop: Stop,
): Promise<FirstStartFlags | undefined> {
  const { settings } = ports;
  if (!isFormed) {
    if (!(await allNamesResolve(ports, latch.founders, stop))) return undefined;
    await firstServes(ports, Math.min(...latch.founders), stop);
    if (stop.asked) return undefined;
  }
  const names = latch.founders.map((ordinal) => memberName(settings, ordinal));
  ports.log(`Founding: ${names.join(", ")}`);
  const urls = latch.founders.map((ordinal): [string, string] => [
    memberName(settings, ordinal),
    peerUrl(settings, ordinal),
  ]);
  return { initialCluster: new Map(urls), state: "new", token: `${settings.clusterToken}/${latch.token}` };
}

/** etcd could start without, and would fill the log with errors until the names are there. */
async function allNamesResolve(ports: Ports, founders: readonly number[], stop: Stop): Promise<boolean> {
  const hosts = founders.map((ordinal) => memberHost(ports.settings, ordinal));
  const resolved = await Promise.all(hosts.map((host) => waitForName(ports, host, stop)));
  return !stop.asked && resolved.every(Boolean);
}

/**
 * A new etcd asks the others what they know of it, by their URLs in order until one answers, and gives each of them a second
 * (server/etcdserver/cluster_util.go getClusterFromRemotePeers, config.go BootstrapTimeoutEffective). One that listens already
 * and does not serve yet says nothing: founders that start in the same moment wait for each other, for a second each. So the
 * first one starts alone, is refused by the others at once, and answers them.
 */
async function firstServes(ports: Ports, first: number, stop: Stop): Promise<void> {
  const { settings, clock } = ports;
  if (settings.ordinal === first) return;
  const until = clock.now() + FIRST_SERVES_WITHIN_MS;
  while (!stop.asked && clock.now() < until) {
    if (await ports.servesPeers(peerUrl(settings, first), FIRST_ANSWERS_WITHIN_MS)) return;
    await clock.pause(FIRST_ASKED_EVERY_MS, stop);
  }
}

/** @returns false where the time is over, and everything is to be looked at anew */
export async function waitForName(ports: Ports, host: string, stop: Stop): Promise<boolean> {
  const until = ports.clock.now() + LOOK_ANEW_AFTER_MS;
  for (let isFirst = true; !stop.asked && ports.clock.now() < until; isFirst = false) {
    if (await ports.resolves(host)) return true;
    if (isFirst) ports.log(`Waiting for ${host} to come up`);
    await ports.clock.pause(NAME_LOOKED_UP_EVERY_MS, stop);
  }
  return false;
}
