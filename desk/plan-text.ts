import type { Foreseen } from "./membership-check.ts";
import type { Plan, Refusal, RefusalReason } from "./plan.ts";

/** What is said of an update before it begins; with a problem, it must not begin. */
export interface MembershipWord {
  readonly remarks: readonly string[];
  readonly warnings: readonly string[];
  readonly problems: readonly string[];
}

/**
 * @param lastDeclared replicas of the last update; undefined where that is not known
 * @param overruled reasons to go ahead in spite of
 */
export function foreseenWords(
  { plan, restart }: Extract<Foreseen, { kind: "change" }>,
  statefulSet: string,
  lastDeclared: number | undefined,
  overruled: readonly RefusalReason[],
): MembershipWord {
  const planned =
    plan === undefined ? [] : [...byHandLine(statefulSet, plan.from, lastDeclared), ...planLines(plan, statefulSet)];
  const refusals = [...(plan?.refusals ?? []), ...(restart?.refusals ?? [])];
  return {
    remarks: [
      ...(planned.length === 0 ? [] : [planned.join("\n")]),
      ...(restart === undefined ? [] : [restartLine(statefulSet, restart.changes)]),
    ],
    warnings: overruledLines(refusals, overruled),
    problems: [
      ...(plan === undefined ? [] : refusalLines(scaling(plan), plan.refusals, overruled)),
      ...refusalLines(restarting, restart?.refusals ?? [], overruled),
    ],
  };
}

/** A plan as a person reads it, a line each; without its refusals. */
export function planLines(plan: Plan, statefulSet: string): string[] {
  return [
    `Membership of ${statefulSet}: ${named(plan.from)} → ${named(plan.to)}`,
    ...plan.steps.map((step, at) => `  ${at + 1}. ${step}`),
    ...spareLines(plan),
    ...plan.remarks.map((remark) => `  Remark: ${remark}.`),
  ];
}

/** The drift, where somebody scaled by hand; the declared number wins. */
export function byHandLine(statefulSet: string, live: number, lastDeclared: number | undefined): string[] {
  if (lastDeclared === undefined || live === lastDeclared) return [];
  return [`StatefulSet ${statefulSet} has ${live} replicas, declared were ${lastDeclared}: somebody scaled it by hand`];
}

function named(replicas: number): string {
  return replicas === 0 ? "0 replicas (hibernation)" : `${replicas} ${replicas === 1 ? "replica" : "replicas"}`;
}

function spareLines({ spare }: Plan): string[] {
  const said = (["now", "during", "after"] as const).flatMap((when) => {
    const failures = spare[when];
    if (failures === undefined) return [];
    return [failures < 0 ? `none ${when} (no quorum)` : `${failures} ${when}`];
  });
  return said.length === 0 ? [] : [`  Members that may fail without loss of quorum: ${said.join(", ")}`];
}

/** What is refused: the beginning of a sentence that goes on with the reason. */
export function scaling({ from, to }: Pick<Plan, "from" | "to">): string {
  return `Replicas can't go from ${from} to ${to} safely`;
}
const restarting = "The members can't be restarted safely";

/** A rolling restart as a person reads it. */
function restartLine(statefulSet: string, changes: readonly string[]): string {
  const shown = [...changes.slice(0, 5), ...(changes.length > 5 ? [`${changes.length - 5} more`] : [])].join(", ");
  return `Members of ${statefulSet} restart one after the other: their pod template changes (${shown})`;
}

/** The refusals that nobody overrules, a sentence each. */
export function refusalLines(
  what: string,
  refusals: readonly Refusal[],
  overruled: readonly RefusalReason[] = [],
): string[] {
  return refusals
    .filter(({ reason }) => !overruled.includes(reason))
    .map(
      ({ reason, sentence }) =>
        `${what} (${reason}): ${sentence}. To go ahead all the same: \`pulumi config set etcd:overrule ${reason}\`.`,
    );
}

/** The refusals that somebody overrules, a warning each. */
export function overruledLines(refusals: readonly Refusal[], overruled: readonly RefusalReason[]): string[] {
  return refusals
    .filter(({ reason }) => overruled.includes(reason))
    .map(({ reason, sentence }) => `etcd:overrule has ${reason}: going ahead in spite of this: ${sentence}.`);
}
