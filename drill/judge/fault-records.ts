import { type View } from "../cluster/world.ts";
import { faultKind } from "../faults/kinds.ts";
import { intentOf } from "../faults/targets.ts";
import { type FaultRecord, type Gap } from "../report-format.ts";
import { type DoneFault } from "../run/injector.ts";
import { longestPause, pausesOf, type Timeline } from "./timeline.ts";

/** What the bounds on gaps follow from, in milliseconds. */
export interface Timing {
  readonly electionMs: number;
  readonly deadlineMs: number;
}

/** Faults with all that was measured about them, in the order of their starts. */
export function faultRecords(
  done: readonly DoneFault[],
  views: readonly View[],
  timeline: Timeline,
  began: number,
  timing: Timing,
): FaultRecord[] {
  const inOrder = [...done].sort((a, b) => a.startedAt - b.startedAt);
  return inOrder.map((fault) => {
    const { number, planned, targets, startedAt, endedAt, effect, problem } = fault;
    const kind = faultKind(planned.kind);
    const recovery = recoveryOf(fault, inOrder, views);
    const until = Math.max(endedAt, recovery ?? endedAt) - began;
    const pauseOf = (ends: Float64Array): number | undefined => {
      const pause = longestPause(ends, startedAt - began, until);
      return pause === undefined ? undefined : Math.round(pause.endMs - pause.startMs);
    };
    const bound = gapBound(fault, inOrder, views, timing);
    return {
      number,
      kind: planned.kind,
      title: kind.title(planned),
      targets: [...targets].sort(),
      intent: intentOf(planned),
      startMs: startedAt - began,
      endMs: endedAt - began,
      startWall: new Date(startedAt).toISOString(),
      endWall: new Date(endedAt).toISOString(),
      effect,
      visible: effect !== "",
      problem,
      ...optional("recoveryMs", recovery === undefined ? undefined : recovery - endedAt),
      recoveryBoundMs: kind.recoveryBoundMs,
      ...optional("writeGapMs", pauseOf(timeline.writes.ends)),
      ...optional("readGapMs", pauseOf(timeline.reads.ends)),
      ...optional("gapBoundMs", bound.ms),
      gapBoundWords: bound.words,
    };
  });
}

/** Wall time of the first look that saw all healthy after the end; undefined where another fault was on or came before. */
export function recoveryOf(
  fault: Pick<DoneFault, "number" | "startedAt" | "endedAt">,
  all: readonly Pick<DoneFault, "number" | "startedAt" | "endedAt">[],
  views: readonly View[],
): number | undefined {
  const healthy = views.find(({ atMs, healthy: well }) => well && atMs >= fault.endedAt)?.atMs;
  const others = all.filter(({ number }) => number !== fault.number);
  const alone = others.every(({ startedAt, endedAt }) => endedAt < fault.endedAt || startedAt > (healthy ?? Infinity));
  return alone ? healthy : undefined;
}

type Bounded = Pick<DoneFault, "planned" | "startedAt" | "endedAt">;

/**
 * How long nobody's writes and linearizable reads may be acknowledged, by theory (raft's election timeout is drawn from one to
 * two times the setting, and a request to a member that lost its leader is lost with it until the client's deadline).
 */
export function gapBound(
  fault: Bounded,
  all: readonly Bounded[],
  views: readonly View[],
  { electionMs, deadlineMs }: Timing,
): { ms: number | undefined; words: string } {
  const during = all.filter(({ startedAt, endedAt }) => startedAt <= fault.endedAt && endedAt >= fault.startedAt);
  if (during.some(({ planned }) => intentOf(planned) === "majority")) {
    return {
      ms: undefined,
      words: "without a majority nothing is acknowledged: as long as the fault, and an election",
    };
  }
  if (during.length > 1) return { ms: undefined, words: "it overlapped others" };
  const before = all.map(({ endedAt }) => endedAt).filter((endedAt) => endedAt < fault.startedAt);
  const isWell = ({ atMs, healthy }: View): boolean =>
    healthy && atMs >= Math.max(...before) && atMs <= fault.startedAt;
  // Before the first of all the drill has seen to it that all are well.
  if (before.length > 0 && !views.some(isWell)) {
    return { ms: undefined, words: "not all members were healthy again after the one before" };
  }
  const ms = Math.max(2 * electionMs, deadlineMs) + electionMs;
  return {
    ms,
    words: `an election takes one to two timeouts of ${electionMs} ms; clients wait up to ${deadlineMs} ms for what was under way; one timeout more for a split vote`,
  };
}

/** All pauses of the run, with the faults that were on or had not been recovered from. */
export function gapsOf(timeline: Timeline, faults: readonly FaultRecord[]): Gap[] {
  const explained = (startMs: number, endMs: number): number[] =>
    faults
      .filter((fault) => fault.startMs <= endMs && fault.endMs + (fault.recoveryMs ?? fault.recoveryBoundMs) >= startMs)
      .map(({ number }) => number);
  const of = (what: Gap["of"], ends: Float64Array): Gap[] =>
    pausesOf(ends).map(({ startMs, endMs }) => ({
      of: what,
      startMs: Math.round(startMs),
      endMs: Math.round(endMs),
      faults: explained(startMs, endMs),
    }));
  return [...of("writes", timeline.writes.ends), ...of("reads", timeline.reads.ends)].sort(
    (a, b) => a.startMs - b.startMs,
  );
}

function optional<K extends string>(key: K, value: number | undefined): { [P in K]?: number } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: number });
}
