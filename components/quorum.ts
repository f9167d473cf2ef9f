/** How many of `members` voters must agree: more than half. */
export function quorum(members: number): number {
  return Math.floor(members / 2) + 1;
}

/** How many of `members` voters may fail while the others still form a quorum. */
export function toleratedFailures(members: number): number {
  return members - quorum(members);
}

/**
 * The PodDisruptionBudget's `minAvailable`: Kubernetes rounds a percentage up, and ⌈51 %⌉ of 1 to 9 pods is exactly their
 * quorum, so the budget stays right when replicas change without being changed itself.
 */
export const disruptionBudget = "51%";
