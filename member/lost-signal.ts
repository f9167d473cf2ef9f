import { memberName } from "./address.ts";
import { Denied } from "./kubernetes.ts";
import type { Stop } from "./pause.ts";
import type { Ports } from "./ports.ts";
import { Trouble } from "./trouble.ts";

/** While nobody can say. */
const ASK_AGAIN_AFTER_MS = 1_000;

/**
 * Stops a member whose pod was deleted before this program could catch a signal. To process 1 the kernel delivers no signal
 * that it does not handle (pid_namespaces(7)): that SIGTERM is lost, the kubelet sends no other, and the pod would go on until
 * SIGKILL ends it with its grace period. But whoever sends it has marked the pod before.
 *
 * Asks until it is told, and never again: from then on signals are caught. Nor after the time a pod gets to stop: one that was
 * deleted before this began would have been killed by then.
 */
export async function heedEarlierDeletion(ports: Ports, stop: Stop): Promise<void> {
  const { settings, kubernetes, clock } = ports;
  const until = clock.now() + settings.stopWithinMs;
  while (!stop.asked && clock.now() <= until) {
    try {
      const pod = await kubernetes.pod(memberName(settings, settings.ordinal));
      if (pod?.deleting !== true) return;
      ports.log("This pod was deleted before its program ran: stopping");
      stop.ask();
      return;
    } catch (error) {
      if (error instanceof Denied) return;
      if (!(error instanceof Trouble)) throw error;
    }
    await clock.pause(ASK_AGAIN_AFTER_MS, stop);
  }
}
