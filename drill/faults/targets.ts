import { type PlannedFault } from "../report-format.ts";

export interface Situation {
  /** All members, by ordinal. */
  readonly members: readonly string[];
  readonly leader: string | undefined;
  /** Members some fault is on, or that are not healthy again after one. */
  readonly disturbed: readonly string[];
}

/** How many members are more than half. */
export function majorityOf(members: number): number {
  return Math.floor(members / 2) + 1;
}

/** Whether a majority keeps working while the fault is on. */
export function intentOf({ kind, target }: PlannedFault): "minority" | "majority" | "none" {
  if (ofNoMember.includes(kind)) return "none";
  if (oneAtATime.includes(kind)) return "minority";
  // Writes are refused everywhere, whoever raised the alarm.
  if (kind === "quota-alarm") return "majority";
  // In a ring, each member goes on seeing a majority.
  return target === "majority" || target === "all" ? "majority" : "minority";
}

const ofNoMember = ["compaction", "api-server-down", "kubelet-down", "scale"];
/** Whatever their target: they take one member after the other. */
const oneAtATime = ["rolling-restart", "defragmentation"];

/**
 * Which members a planned fault is for at this moment. A fault that means to leave a majority working takes one that is
 * disturbed already where another one more would be too many: two overlapping faults of a minority stay one of a minority.
 */
export function chooseTargets(planned: PlannedFault, { members, leader, disturbed }: Situation): string[] {
  const chosen =
    (planned.target === "leader" ? (leader ?? members[0]) : members[Number(planned.target) % members.length]) ?? "";
  switch (planned.target) {
    case "all":
    case "ring":
      return [...members];
    case "majority": {
      const start = members.indexOf(leader ?? members[0] ?? "");
      const count = majorityOf(members.length);
      return Array.from({ length: count }, (_, step) => members[(start + step) % members.length] ?? "").sort();
    }
    default: {
      const mayBeDown = members.length - majorityOf(members.length);
      const already = disturbed.filter((member) => members.includes(member));
      if (already.includes(chosen) || already.length < mayBeDown) return [chosen];
      return [already[0] ?? chosen];
    }
  }
}
