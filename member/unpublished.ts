import { METRICS_PORT } from "./address.ts";
import { call, NoAnswer } from "./http.ts";

const METRICS_ANSWER_WITHIN_MS = 500;
/** Where nothing was lost, etcd serves within milliseconds of its snapshot. */
const SERVES_WITHIN_MS = 250;

/**
 * Whether a new learner's etcd waits in vain. Before it serves anyone, etcd makes its name known by a raft proposal, which
 * it hands to the leader at once; the snapshot that comes first makes it close all connections to its peers
 * (server/etcdserver/server.go, applySnapshot), the proposal is lost with them, and is made again only after 7 s
 * (publishV3, ReqTimeout). Started again, it has its data, gets no snapshot and serves at once.
 */
export class Unpublished {
  #snapshotSince: number | undefined;

  /** To be asked again and again while etcd does not serve. */
  async waitsInVain(): Promise<boolean> {
    if (!hasAppliedSnapshot(await ownMetrics())) return false;
    this.#snapshotSince ??= Date.now();
    return Date.now() - this.#snapshotSince >= SERVES_WITHIN_MS;
  }
}

/** By etcd's own count: one was received, and none is being applied. */
export function hasAppliedSnapshot(metrics: string): boolean {
  const received = /^etcd_network_snapshot_receive_success\{[^}]*\} ([1-9]\d*)$/m.test(metrics);
  return received && /^etcd_server_snapshot_apply_in_progress_total 0$/m.test(metrics);
}

/** "" while they are not to be had. The metrics port is open before etcd serves. */
async function ownMetrics(): Promise<string> {
  try {
    const url = `http://127.0.0.1:${METRICS_PORT}/metrics`;
    return (await call({ url, withinMs: METRICS_ANSWER_WITHIN_MS })).text;
  } catch (error) {
    if (error instanceof NoAnswer) return "";
    throw error;
  }
}
