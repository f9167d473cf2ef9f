import type { ClusterSeen } from "./cluster.ts";
import type { Plan, Refusal } from "./plan.ts";
import { quorum, spare } from "./quorum.ts";

/**
 * What happens when a cluster without pods gets some: who has a claim comes back with it, who has none joins. No member
 * runs that could be asked, so the claims stand for the members.
 */
export function wakingPlan({ name, claims }: ClusterSeen, target: number): Plan {
  const asleep = claims.map(({ ordinal }) => ordinal);
  const waking = asleep.filter((ordinal) => ordinal < target);
  const joining = Array.from({ length: target }, (_, ordinal) => ordinal).filter(
    (ordinal) => !asleep.includes(ordinal),
  );
  const leaving = asleep.filter((ordinal) => ordinal >= target).reverse();
  const label = (ordinal: number): string => `${name}-${ordinal}`;
  const founds = asleep.length === 0;
  return {
    from: 0,
    to: target,
    steps: [
      ...waking.map((ordinal) => `start ${label(ordinal)} with its volume: the same member, the same keys`),
      ...(founds ? [`found a cluster: ${joining.map(label).join(", ")}`] : []),
      ...(founds ? [] : joining.map((ordinal) => `add learner ${label(ordinal)}, promote it when it has caught up`)),
      ...leaving.map((ordinal) => `remove ${label(ordinal)} from the member list, delete claim data-${label(ordinal)}`),
    ],
    spare: { after: spare({ listed: target, up: target }) },
    refusals: tooFew(waking.length, asleep.length, target),
    remarks: [],
  };
}

function tooFew(waking: number, asleep: number, target: number): Refusal[] {
  if (asleep === 0 || waking >= quorum(asleep)) return [];
  return [
    {
      reason: "no-quorum",
      sentence:
        `${asleep} members hibernate, and ${target} of them are no quorum: none could be removed and nothing written; ` +
        `wake all ${asleep} first, then go down to ${target}`,
    },
  ];
}
