import { Cluster } from "../../desk/cluster.ts";
import { membershipPlan } from "../../desk/plan.ts";
import { byHandLine, planLines, refusalLines, scaling } from "../../desk/plan-text.ts";
import { UserError } from "../errors.ts";
import { findStack, type StackOptions } from "./stack-place.ts";

export interface PlanOptions extends StackOptions {
  readonly replicas?: string;
  readonly hibernate?: boolean;
}

/**
 * Prints what the members would do if replicas changed; changes nothing.
 *
 * @returns 0 where the change is safe, or nothing is to be changed; 1 where it would be refused
 */
export async function plan(options: PlanOptions): Promise<number> {
  const asked = targetOf(options);
  const { file, outputs, place } = await findStack(options);
  const target = asked ?? (file.hibernate ? 0 : (file.replicas ?? DEFAULT_REPLICAS));
  const seen = await new Cluster(place, outputs.statefulSetName).look();
  if (seen === undefined) {
    throw new UserError(
      `there is no StatefulSet ${outputs.namespace}/${outputs.statefulSetName} to plan for: \`npm run up\` makes it`,
    );
  }
  const made = membershipPlan(seen, target);
  const lines = [
    ...byHandLine(seen.name, made.from, outputs.replicas),
    ...(made.from === target
      ? [`Membership of ${seen.name}: ${target} replicas already, nothing to do`]
      : planLines(made, seen.name)),
    ...refusalLines(scaling(made), made.refusals),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  return made.refusals.length === 0 ? 0 : 1;
}

/** As in Pulumi.yaml. */
const DEFAULT_REPLICAS = 3;

function targetOf({ replicas, hibernate }: PlanOptions): number | undefined {
  if (hibernate === true && replicas !== undefined)
    throw new UserError("--replicas and --hibernate exclude each other", 2);
  if (hibernate === true) return 0;
  if (replicas === undefined) return undefined;
  const target = /^\d+$/.test(replicas) ? Number(replicas) : Number.NaN;
  if (target >= 1 && target <= 9) return target;
  const hint = target === 0 ? "--hibernate plans for a cluster that rests" : "give such a number";
  throw new UserError(`--replicas is ${replicas}, but must be a whole number from 1 to 9: ${hint}`, 2);
}
