/** What the StatefulSet tells a member about itself, parsed once from the environment. */
export interface Settings {
  /** The pod's name and the member's: `etcd-0`. */
  readonly memberName: string;
  /** The number behind the last dash of the pod's name. */
  readonly ordinal: number;
  readonly namespace: string;
  /** Name of the StatefulSet; every member is called `<clusterName>-<ordinal>`. */
  readonly clusterName: string;
  /** Name of the headless Service that gives each member its DNS name. */
  readonly peerService: string;
  readonly scheme: "http" | "https";
  /** Name of the ConfigMap that is the latch. */
  readonly latchName: string;
  readonly dataDir: string;
  /** etcd's `--initial-cluster-token`. */
  readonly clusterToken: string;
  /** etcd's program file. */
  readonly etcdProgram: string;
  /** How long a stop may take, in milliseconds: the pod's grace period less a margin for the kill. */
  readonly stopWithinMs: number;
}

/** Ordinals beyond this one are never asked for: etcd itself advises against more than 9 voters. */
export const HIGHEST_ORDINAL = 8;

type Environment = Readonly<Record<string, string | undefined>>;

function required(env: Environment, key: string): string {
  const value = env[key];
  if (value === undefined || value === "") throw new Error(`${key} is not set: the pod template must set it`);
  return value;
}

/** @throws Error naming the variable that is missing or wrong */
export function parseSettings(env: Environment): Settings {
  const memberName = required(env, "POD_NAME");
  const clusterName = required(env, "ETCD_CLUSTER_NAME");
  const ordinalText = memberName.startsWith(`${clusterName}-`) ? memberName.slice(clusterName.length + 1) : "";
  if (!/^\d+$/.test(ordinalText)) {
    throw new Error(`POD_NAME must be ETCD_CLUSTER_NAME (${clusterName}), a dash and a number, not "${memberName}"`);
  }
  const scheme = env["ETCD_SCHEME"] ?? "http";
  if (scheme !== "http" && scheme !== "https") throw new Error(`ETCD_SCHEME must be http or https, not "${scheme}"`);
  const graceSeconds = Number(env["ETCD_STOP_SECONDS"] ?? "60");
  if (!(graceSeconds >= 5)) throw new Error("ETCD_STOP_SECONDS must be a number of seconds, 5 at the least");
  return {
    memberName,
    ordinal: Number(ordinalText),
    namespace: required(env, "POD_NAMESPACE"),
    clusterName,
    peerService: required(env, "ETCD_PEER_SERVICE"),
    scheme,
    latchName: required(env, "ETCD_LATCH"),
    dataDir: required(env, "ETCD_DATA_DIR"),
    clusterToken: required(env, "ETCD_CLUSTER_TOKEN"),
    etcdProgram: env["ETCD_PROGRAM"] ?? "/usr/local/bin/etcd",
    stopWithinMs: (graceSeconds - 3) * 1000,
  };
}
