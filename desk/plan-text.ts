import type { Plan, RefusalReason } from "./plan.ts";

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

/** The refusals that nobody overrules, a sentence each. */
export function refusalLines(plan: Plan, overruled: readonly RefusalReason[]): string[] {
  return plan.refusals
    .filter(({ reason }) => !overruled.includes(reason))
    .map(
      ({ reason, sentence }) =>
        `Replicas can't go from ${plan.from} to ${plan.to} safely (${reason}): ${sentence}. ` +
        `To go ahead all the same: \`pulumi config set etcd:overrule ${reason}\`.`,
    );
}

/** The refusals that somebody overrules, a warning each. */
export function overruledLines(plan: Plan, overruled: readonly RefusalReason[]): string[] {
  return plan.refusals
    .filter(({ reason }) => overruled.includes(reason))
    .map(({ reason, sentence }) => `etcd:overrule has ${reason}: going ahead in spite of this: ${sentence}.`);
}
