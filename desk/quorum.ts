/** How many of `members` voters must agree: more than half. */
export function quorum(members: number): number {
  return Math.floor(members / 2) + 1;
}

/** Voters at one moment of a change. */
export interface Voters {
  readonly listed: number;
  readonly up: number;
}

/** How many more may fail before nothing can be written; below 0 where that is so already. */
export function spare({ listed, up }: Voters): number {
  return up - quorum(listed);
}
