import { UnexpectedAnswer } from "./json.ts";

/**
 * The latch: what this cluster's name stands for. It is a ConfigMap that the members make (the first to create it wins);
 * it lives as long as the volumes do, and nothing else keeps an emptied set of volumes from founding a second cluster.
 */
export interface Latch {
  readonly founders: readonly number[];
  /**
   * Which founder has claimed its first start, and with which volume: ordinal → the random word that was written on the
   * volume before the claim. "" where the founder has not claimed.
   */
  readonly claims: ReadonlyMap<number, string>;
  /** Lower-case hex, "" until a cluster was formed. */
  readonly clusterId: string;
  /**
   * A random word that ends etcd's cluster token, so that no two foundings ever share a cluster ID: etcd derives member
   * and cluster IDs from peer URLs and token alone (server/etcdserver/api/membership/member.go `computeMemberID`), and
   * an old volume must not pass for one of a cluster founded anew under the same names.
   */
  readonly token: string;
  /**
   * The member that is to go on alone, because a person said that the majority is lost (docs/adr/0009-recovery.md); "" where
   * none is, or it has done so.
   */
  readonly recovery: string;
  /** Members given up by a recovery: none of them starts with its data again on its own. */
  readonly givenUp: readonly string[];
}

const CLUSTER_ID = "cluster-id";
const FOUNDERS = "founders";
const TOKEN = "token";
/** Both are written at the desk (desk/recovery.ts), and are missing before the first recovery. */
const RECOVERY = "recovery";
const GIVEN_UP = "given-up";

export function claimKey(ordinal: number): string {
  return `claim-${ordinal}`;
}

export const clusterIdKey = CLUSTER_ID;
export const recoveryKey = RECOVERY;

/** A latch for founders 0 … replicas-1, none of whom has claimed. */
export function newLatch(replicas: number, token: string): Latch {
  const founders = Array.from({ length: replicas }, (_, ordinal) => ordinal);
  return {
    founders,
    claims: new Map(founders.map((ordinal) => [ordinal, ""])),
    clusterId: "",
    token,
    recovery: "",
    givenUp: [],
  };
}

/** A latch written anew by a member of a cluster that lost it: everybody counts as started, nobody can found. */
export function rewrittenLatch(ordinals: readonly number[], clusterId: string): Latch {
  const founders = [...ordinals].sort((a, b) => a - b);
  return {
    founders,
    claims: new Map(founders.map((ordinal) => [ordinal, "rewritten"])),
    clusterId,
    token: "rewritten",
    recovery: "",
    givenUp: [],
  };
}

export function toData(latch: Latch): Record<string, string> {
  return {
    [FOUNDERS]: latch.founders.join(","),
    ...Object.fromEntries([...latch.claims].map(([ordinal, claim]) => [claimKey(ordinal), claim])),
    [CLUSTER_ID]: latch.clusterId,
    [TOKEN]: latch.token,
    ...(latch.recovery === "" ? {} : { [RECOVERY]: latch.recovery }),
    ...(latch.givenUp.length === 0 ? {} : { [GIVEN_UP]: latch.givenUp.join(",") }),
  };
}

/** @throws UnexpectedAnswer where the ConfigMap is not a latch: somebody changed it by hand */
export function fromData(data: Readonly<Record<string, string>>, name: string): Latch {
  const founders = data[FOUNDERS];
  const clusterId = data[CLUSTER_ID];
  const token = data[TOKEN];
  if (founders === undefined || clusterId === undefined || token === undefined || !/^\d+(,\d+)*$/.test(founders)) {
    throw new UnexpectedAnswer(
      `ConfigMap ${name} is not a latch: it needs "${FOUNDERS}" (such as "0,1,2"), "${CLUSTER_ID}" and "${TOKEN}"`,
    );
  }
  const ordinals = founders.split(",").map(Number);
  const claims = new Map(ordinals.map((ordinal) => [ordinal, data[claimKey(ordinal)] ?? "lost"]));
  const givenUp = (data[GIVEN_UP] ?? "").split(",").filter((id) => id !== "");
  return { founders: ordinals, claims, clusterId, token, recovery: data[RECOVERY] ?? "", givenUp };
}
