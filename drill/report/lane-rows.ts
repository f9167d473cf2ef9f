import type { FaultRecord, Gap } from "../report-format.ts";
import type { Range } from "./range.ts";

/** A fault on one of its targets: in which of the target's rows it is drawn. */
export interface Placed {
  readonly fault: FaultRecord;
  readonly row: number;
}

/** All that was done to one target, in as many rows as faults overlap. */
export interface Lane {
  readonly target: string;
  readonly rows: number;
  readonly placed: readonly Placed[];
}

/** Until when a fault is of interest: until all members were healthy again, where that is known. */
export function faultEnd({ endMs, recoveryMs }: FaultRecord): number {
  return endMs + (recoveryMs ?? 0);
}

function place(faults: readonly FaultRecord[]): Placed[] {
  const freeFrom: number[] = [];
  return faults.map((fault) => {
    const found = freeFrom.findIndex((end) => end <= fault.startMs);
    const row = found === -1 ? freeFrom.length : found;
    freeFrom[row] = faultEnd(fault);
    return { fault, row };
  });
}

/** A lane for each target, sorted by name with numbers by value; faults that overlap get rows of their own. */
export function lanesOf(faults: readonly FaultRecord[]): Lane[] {
  const targets = [...new Set(faults.flatMap((fault) => fault.targets))];
  targets.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  return targets.map((target) => {
    const placed = place(
      faults.filter((fault) => fault.targets.includes(target)).sort((a, b) => a.startMs - b.startMs),
    );
    return { target, rows: Math.max(...placed.map(({ row }) => row)) + 1, placed };
  });
}

/** Pauses in writes, reads or both that touch each other, as one. */
export interface MergedGap extends Range {
  readonly explained: boolean;
}

/** @param gaps in the order of their starts */
export function mergeGaps(gaps: readonly Gap[]): MergedGap[] {
  const merged: MergedGap[] = [];
  for (const { startMs, endMs, faults } of gaps) {
    const last = merged.at(-1);
    const explained = faults.length > 0;
    if (last === undefined || last.to < startMs) merged.push({ from: startMs, to: endMs, explained });
    else {
      merged[merged.length - 1] = {
        from: last.from,
        to: Math.max(last.to, endMs),
        explained: last.explained && explained,
      };
    }
  }
  return merged;
}
