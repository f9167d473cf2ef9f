import { CLIENT_PORT } from "./address.ts";
import type { Gateway, Status } from "./gateway.ts";
import type { Ports } from "./ports.ts";
import { Trouble } from "./trouble.ts";

const LOCAL_ANSWERS_WITHIN_MS = 1_000;

/** This pod's own etcd, by loopback. */
export function ownGateway(ports: Ports): Gateway {
  return ports.gateway(`${ports.settings.scheme}://127.0.0.1:${CLIENT_PORT}`, LOCAL_ANSWERS_WITHIN_MS);
}

/** undefined while it does not answer. */
export async function ownStatus(ports: Ports): Promise<Status | undefined> {
  try {
    return await ownGateway(ports).status();
  } catch (error) {
    if (error instanceof Trouble) return undefined;
    throw error;
  }
}
