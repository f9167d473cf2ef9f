import type { ClusterSeen } from "./cluster.ts";
import type { MemberRow } from "./members.ts";
import { isUp, withReason, type Refusal } from "./plan.ts";
import { quorum } from "./quorum.ts";

/**
 * Why the members must not be restarted one after the other now, as a changed pod template does. The StatefulSet
 * controller deletes the pod of the highest ordinal that is outdated, whoever else is down, and goes on to the next lower
 * one when that is ready again (pkg/controller/statefulset/stateful_set_control.go, updateStatefulSet). So a member that
 * is down costs nothing where only lower ones are well: it is restarted before them, or they are not.
 *
 * Where no quorum answers there is none to lose, and a changed template may be what brings the members back.
 */
export function restartRefusals(seen: ClusterSeen): Refusal[] {
  if (!seen.quorum) return [];
  const voters = seen.rows.filter(({ role }) => role === "leader" || role === "voter");
  const needed = quorum(voters.length);
  const steps = seen.rows
    .filter((row) => isRestarted(row, seen) && isUp(row))
    .map((row) => ({ row, down: voters.filter((one) => !isUp(one) && isDownDuring(one, row, seen)) }));
  const isCostly = ({ row, down }: (typeof steps)[number]): boolean =>
    down.length > 0 && voters.includes(row) && voters.length - down.length - 1 < needed;
  const costly = steps.sort((a, b) => (b.row.ordinal ?? 0) - (a.row.ordinal ?? 0)).find(isCostly);
  if (costly === undefined) return [];
  const { row, down } = costly;
  const names = down.map(({ name }) => name).join(", ");
  return [
    {
      reason: "member-down",
      sentence:
        `${withReason(down)} down: while ${row.name} restarts there would be ${voters.length - down.length - 1} of ` +
        `${voters.length} voters running, and ${needed} are needed; bring ${names} back, or replace it ` +
        `(\`npm run member -- replace ${down[0]?.name ?? ""}\`), then change what restarts the members`,
    },
  ];
}

function isRestarted({ ordinal }: MemberRow, { statefulSet }: ClusterSeen): boolean {
  return ordinal !== undefined && ordinal < statefulSet.replicas;
}

/** A member that is down is restarted, and waited for, before those with a lower ordinal. */
function isDownDuring(down: MemberRow, restarting: MemberRow, seen: ClusterSeen): boolean {
  return !isRestarted(down, seen) || (down.ordinal ?? 0) < (restarting.ordinal ?? 0);
}
