/** Keys of the latch (member/latch.ts): members that never start with their data again, and the one that goes on alone. */
export const GIVEN_UP = "given-up";
export const RECOVERY = "recovery";

/** What a recovery from a lost majority has written down (docs/adr/0009-recovery.md). */
export interface RecoveryNotes {
  /** ID of the member that is to go on alone at its next start, "" where none is. */
  readonly goesOnAlone: string;
  /** IDs, those of recoveries that ended long ago among them. */
  readonly givenUp: readonly string[];
}

/** @param latch undefined where there is none, or it can't be read */
export function recoveryNotes(latch: Readonly<Record<string, string>> | undefined): RecoveryNotes {
  return {
    goesOnAlone: latch?.[RECOVERY] ?? "",
    givenUp: (latch?.[GIVEN_UP] ?? "").split(",").filter((id) => id !== ""),
  };
}
