import { CLIENT_PORT } from "./address.ts";
import type { Gateway, Status } from "./gateway.ts";
import type { Ports } from "./ports.ts";
import { Trouble } from "./trouble.ts";

const LOCAL_ANSWERS_WITHIN_MS = 1_000;

/** This pod's own etcd, by loopback. */
export function ownGateway(ports: Ports, withinMs = LOCAL_ANSWERS_WITHIN_MS): Gateway {
  return ports.gateway(`${ports.settings.scheme}://127.0.0.1:${CLIENT_PORT}`, withinMs);
}

/** undefined while it does not answer. Until etcd serves, its port takes connections and says nothing. */
export async function ownStatus(ports: Ports, withinMs?: number): Promise<Status | undefined> {
  try {
    return await ownGateway(ports, withinMs).status();
  } catch (error) {
    if (error instanceof Trouble) return undefined;
    throw error;
  }
}
