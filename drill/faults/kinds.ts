import { type FaultKind } from "./fault.ts";
import { scale } from "./membership.ts";
import { delay, lossyLink, partition, slowLink } from "./network.ts";
import { apiServerDown, kubeletDown } from "./node.ts";
import { deletePod, forceDelete, rollingRestart, wipe } from "./pods.ts";
import { kill, pause } from "./processes.ts";
import { clockSkew, compaction, defragmentation, diskFull, killInDefragmentation, quotaAlarm } from "./storage.ts";

const all: readonly FaultKind[] = [
  kill,
  pause,
  deletePod,
  forceDelete,
  rollingRestart,
  wipe,
  partition,
  lossyLink,
  slowLink,
  delay,
  compaction,
  defragmentation,
  killInDefragmentation,
  quotaAlarm,
  scale,
  apiServerDown,
  kubeletDown,
  diskFull,
  clockSkew,
];

/** Every kind of fault, by its name. */
export const faultKinds: ReadonlyMap<string, FaultKind> = new Map(all.map((kind) => [kind.kind, kind]));

/** @throws Error for a name that is none; a plan names no other */
export function faultKind(name: string): FaultKind {
  const kind = faultKinds.get(name);
  if (kind === undefined)
    throw new Error(`there is no fault "${name}": it is one of ${[...faultKinds.keys()].join(", ")}`);
  return kind;
}
