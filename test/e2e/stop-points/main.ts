import { main } from "../../../member/program.ts";
import type { Ports } from "../../../member/ports.ts";
import { realPorts } from "../../../member/real-ports.ts";
import { Trouble } from "../../../member/trouble.ts";

/** Where a test writes at which points who is to be killed: "etcd-3:learner-added,*:claim-deleted" in the latch. */
const KEY = "stop-at";

/** The program ends there as if it were killed, and its etcd with it: once for each point that a test names. */
function withStopPoints(ports: Ports): Ports {
  const { kubernetes, settings } = ports;
  return {
    ...ports,
    reached: async (point) => {
      try {
        const wanted = (await kubernetes.configMap(settings.latchName))?.[KEY] ?? "";
        const named = wanted.split(",");
        const hit = named.find((one) => one === `${settings.memberName}:${point}` || one === `*:${point}`);
        if (hit === undefined) return;
        const rest = named.filter((one) => one !== hit).join();
        if (!(await kubernetes.compareAndSet(settings.latchName, KEY, wanted, rest))) return;
        // The kernel ends every process of a container whose first one has ended.
        process.exit(137);
      } catch (error) {
        if (!(error instanceof Trouble)) throw error;
      }
    },
  };
}

void main((settings) => withStopPoints(realPorts(settings))).then((code) => process.exit(code));
