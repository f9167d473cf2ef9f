/**
 * The report of a drill, `report.json`: everything that report.html shows and everything that is needed to run the same drill
 * again. Its size does not grow with the traffic: operations are in it only as series of buckets and as the few that
 * contradict each other.
 *
 * All moments are whole milliseconds since the run's start (`began`); the drill, the client pods and the faults are brought
 * onto one clock before they are written here. Durations are in milliseconds. Wall times are ISO 8601 in UTC, for people.
 */

/** The one version of the format there is. */
export const reportVersion = 2;

export interface Report {
  readonly report: typeof reportVersion;
  /** `passed`: every property held, and there was something to judge. */
  readonly verdict: "passed" | "failed";
  /** One sentence for the top of the page. */
  readonly summary: string;
  /** Wall time of moment 0. */
  readonly began: string;
  /** Until the final dump was read. */
  readonly durationMs: number;
  readonly run: RunParameters;
  /** What was run, by name: etcd, kubernetes, node, drill. Unknown ones are left out. */
  readonly versions: Readonly<Record<string, string>>;
  /** What the stack was deployed with, by name: replicas, cpu limit, … */
  readonly settings: Readonly<Record<string, string>>;
  /** In the order they are to be shown, failed ones not first: that is the page's business. */
  readonly properties: readonly Property[];
  /** In the order of their starts. */
  readonly faults: readonly FaultRecord[];
  /** What was asked for or planned and could not be had here: never counted as survived. */
  readonly skipped: readonly SkippedFault[];
  readonly traffic: TrafficTotals;
  readonly series: Series;
  /** Pauses in what clients got done that are longer than `gapMs` in `series`; in the order of their starts. */
  readonly gaps: readonly Gap[];
  /** What a reader should know although nothing is wrong with the cluster, such as a client that was restarted. */
  readonly warnings: readonly string[];
}

/** How the drill was asked to run. */
export interface RunParameters {
  /** smoke, standard, … or `replay` of one. */
  readonly plan: string;
  readonly seed: number;
  /** Length of the part with faults. */
  readonly durationMs: number;
  /** `--faults`: only these kinds; empty: the plan's own. */
  readonly onlyFaults: readonly string[];
  readonly stack: string;
  readonly context: string;
  readonly namespace: string;
  /** How pods were reached: the Kubernetes API alone, or the node's namespaces as well. */
  readonly reach: "kubernetes api" | "node";
  readonly members: number;
  readonly clients: number;
  /** Of the program's repository; `-dirty` at its end: with changes that are not committed. "" outside a repository. */
  readonly commit: string;
  /** The command that decides the same plan again and runs it, to be pasted into a shell. */
  readonly command: string;
  /** Those of the command, one by one, for `--replay`. */
  readonly arguments: readonly string[];
  /** What the plan decided, faults that could not be had included: `--replay` does these. */
  readonly planned: readonly PlannedFault[];
}

/** One decision of a plan. */
export interface PlannedFault {
  /** Name of the fault's kind, such as `kill`, `partition`, `pause`. */
  readonly kind: string;
  /** Who it is for, in words that name no pod: "leader", "one", "majority", "all", "2" (ordinal 2). */
  readonly target: string;
  readonly startMs: number;
  /** How long it lasts; 0: it is a moment, such as a kill. */
  readonly lastsMs: number;
  /** More of the kind's own, such as `{"direction":"in"}`. */
  readonly options?: Readonly<Record<string, string>>;
}

/** Something that has to hold, and how often it did. */
export interface Property {
  /** Stable, kebab-case: `no-lost-write`. */
  readonly id: string;
  /** Under which heading it is shown: "History", "Recovery", "Cluster", "Assertions". */
  readonly group: string;
  /** As a sentence: "No acknowledged write is lost". */
  readonly name: string;
  readonly status: "passed" | "failed";
  /** How often it was looked at and held; and did not. */
  readonly passing: number;
  readonly failing: number;
  /** What a count counts: "reads", "faults", "members". */
  readonly unit: string;
  /** One sentence with the numbers that matter; may be "". */
  readonly detail: string;
  /** At most `mostExamples`; failed ones first. */
  readonly examples: readonly Example[];
}

/** So many examples a property has at most. */
export const mostExamples = 5;

export interface Example {
  readonly holds: boolean;
  /** One or two sentences with names, values and revisions. */
  readonly words: string;
  /** When, where it is about a moment. */
  readonly atMs?: number;
  /** The operations that contradict each other, in the order of their starts; at most `mostOperations`. */
  readonly operations: readonly ExampleOperation[];
}

/** So many operations an example has at most. */
export const mostOperations = 12;

export interface ExampleOperation {
  /** Pod, process and number of the logical client. */
  readonly client: string;
  readonly member: string;
  readonly startMs: number;
  /** Left out where the end is not known. Fractions of a millisecond are kept here: they tell the order. */
  readonly endMs?: number;
  readonly outcome: "ok" | "failed" | "unknown";
  /** What was asked and answered: `put k17 = c1-204 → revision 5102`. */
  readonly words: string;
  /** Where it stands: history file and line. */
  readonly file: string;
  readonly line: number;
}

/** A fault that was done. */
export interface FaultRecord {
  /** From 1, unique in the report. */
  readonly number: number;
  readonly kind: string;
  /** For people: "SIGSTOP of the leader". */
  readonly title: string;
  /** Pods it was done to, sorted. */
  readonly targets: readonly string[];
  /** Whom it is for: at most as many as the others can do without, more than that, or no member at all. */
  readonly intent: "minority" | "majority" | "none";
  readonly startMs: number;
  /** When it was undone; for what is a moment, such as a kill, when its effect was seen. */
  readonly endMs: number;
  readonly startWall: string;
  readonly endWall: string;
  /** What was seen of it: "etcd-1: process 4711 stopped (state T) after 3 ms". "" if nothing was, then `visible` is false. */
  readonly effect: string;
  readonly visible: boolean;
  /** Empty unless doing or undoing it went wrong. */
  readonly problem: string;
  /** Until all members were healthy again, counted from the end; left out where they were not before the next fault began. */
  readonly recoveryMs?: number;
  /** The bound for that. */
  readonly recoveryBoundMs: number;
  /** Longest time without an acknowledged write, from the start until recovery; left out where there was no traffic. */
  readonly writeGapMs?: number;
  /** The same for linearizable reads. */
  readonly readGapMs?: number;
  /** What it may be by theory, and why; left out where a majority is gone and only the fault's own length bounds it. */
  readonly gapBoundMs?: number;
  readonly gapBoundWords: string;
}

export interface SkippedFault {
  readonly kind: string;
  /** How many of the plan. */
  readonly times: number;
  /** One sentence: what is missing. */
  readonly why: string;
}

export interface TrafficTotals {
  readonly operations: number;
  readonly ok: number;
  readonly failed: number;
  /** Sent, and no answer ever came. */
  readonly unknown: number;
  /** Acknowledged ones. */
  readonly writes: number;
  /** Linearizable ones that were answered. */
  readonly reads: number;
  readonly keys: number;
  readonly finalRevision: number;
}

/**
 * Traffic in buckets of one width. All lists have one number per bucket, the first bucket begins at 0; at most
 * `mostBuckets`. Latencies are of what ended ok in the bucket, in milliseconds; null where nothing did.
 */
export interface Series {
  readonly bucketMs: number;
  /** Acknowledged writes that ended in the bucket; not per second. */
  readonly writes: readonly number[];
  readonly reads: readonly number[];
  /** Ended failed or unknown. */
  readonly errors: readonly number[];
  readonly writeP50: readonly (number | null)[];
  readonly writeP99: readonly (number | null)[];
  readonly readP50: readonly (number | null)[];
  readonly readP99: readonly (number | null)[];
  /** From which length on a pause is a gap. */
  readonly gapMs: number;
}

/** So many buckets there are at most: an hour of quarter seconds would be no easier to read. */
export const mostBuckets = 3600;

export interface Gap {
  readonly of: "writes" | "reads";
  readonly startMs: number;
  readonly endMs: number;
  /** Numbers of the faults that were on, or had ended less than their recovery bound before. Empty: unexplained. */
  readonly faults: readonly number[];
}
