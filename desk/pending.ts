import type { ClusterSeen } from "./cluster.ts";

/**
 * What is left to do of a recovery or a replacement, one sentence each. Who was given up and is on no list any more is
 * done with.
 */
export function pending(seen: ClusterSeen): string[] {
  return [...goesOnAlone(seen), ...givenUpAndListed(seen), ...listedTwice(seen), ...claimsOnTheirWayOut(seen)];
}

const GO_ON = "`npm run member -- recover`";

function goesOnAlone({ recovery, rows, quorum }: ClusterSeen): string[] {
  if (recovery.goesOnAlone === "") return [];
  const name = rows.find(({ id }) => id === recovery.goesOnAlone)?.name ?? "";
  const who = `${name} (member ${recovery.goesOnAlone})`.trim();
  return [
    quorum
      ? `a recovery has named ${who} to go on alone, and a quorum answers: it takes that back by itself`
      : `a recovery is under way, or was cut off: ${who} goes on alone at its next start; where nobody runs it, ${GO_ON} does the rest`,
  ];
}

function givenUpAndListed({ recovery, rows, quorum }: ClusterSeen): string[] {
  return rows
    .filter(({ id, role }) => role !== "not a member" && recovery.givenUp.includes(id))
    .map(({ name, id }) =>
      quorum
        ? `${name} (member ${id}) was given up by a recovery, and a quorum still lists it: ${GO_ON} takes that back`
        : `${name} (member ${id}) was given up by a recovery that is under way, or was cut off: ${GO_ON} goes on with it`,
    );
}

/** The old member is still on the list, whose volume is gone, beside the pod of the same name that is another. */
function listedTwice({ rows }: ClusterSeen): string[] {
  return rows
    .filter(({ role, id }) => role !== "not a member" && id !== "")
    .filter((old) => old.status === undefined && rows.some(({ name, id }) => name === old.name && id !== old.id))
    .map(({ name, id }) => `${name} is being replaced: its old member ${id} is still on the list; ${goesOn(name)}`);
}

/** Somebody deleted it while its pod runs: it goes with the pod. */
function claimsOnTheirWayOut({ name, claims }: ClusterSeen): string[] {
  return claims
    .filter(({ phase }) => phase === "Terminating")
    .map((claim) => {
      const member = `${name}-${claim.ordinal}`;
      return `claim ${claim.name} is being deleted: ${member} is replaced when its pod ends; ${goesOn(member)}`;
    });
}

function goesOn(member: string): string {
  return `\`npm run member -- replace ${member}\` goes on with it`;
}
