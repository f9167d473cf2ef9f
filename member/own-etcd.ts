import { CLIENT_PORT } from "./address.ts";
import { Gateway, Refused, type Status } from "./gateway.ts";
import { NoAnswer } from "./http.ts";
import type { Settings } from "./settings.ts";

const LOCAL_ANSWERS_WITHIN_MS = 1_000;

/** This pod's own etcd, by loopback. */
export function ownGateway(settings: Pick<Settings, "scheme">): Gateway {
  return new Gateway(`${settings.scheme}://127.0.0.1:${CLIENT_PORT}`, LOCAL_ANSWERS_WITHIN_MS);
}

/** undefined while it does not answer. */
export async function ownStatus(settings: Settings): Promise<Status | undefined> {
  try {
    return await ownGateway(settings).status();
  } catch (error) {
    if (error instanceof NoAnswer || error instanceof Refused) return undefined;
    throw error;
  }
}
