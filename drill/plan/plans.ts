/** One kind of fault as a plan may have it. */
export interface Ingredient {
  readonly kind: string;
  /** How often it comes in one round of the plan, relative to the others: a whole number from 1. */
  readonly weight: number;
  /** Whom it may be for; "one" is a member by chance. */
  readonly targets: readonly ("one" | "leader" | "majority" | "all" | "ring")[];
  /** How long it lasts, in milliseconds; [0, 0]: it is a moment. */
  readonly lastsMs: readonly [number, number];
  /** Options, one of the values each. */
  readonly options?: Readonly<Record<string, readonly string[]>>;
}

export interface PlanShape {
  readonly name: string;
  /** For people. */
  readonly about: string;
  readonly durationMs: number;
  readonly ingredients: readonly Ingredient[];
  /** From the end (or moment) of a fault to the start of the next, in milliseconds. */
  readonly betweenMs: readonly [number, number];
  /** In how many of a hundred cases the next fault begins while the last one is on. */
  readonly overlapPercent: number;
  /** After so many faults nothing is done for a while. */
  readonly quietAfter: number;
  readonly quietMs: number;
}

const one = ["one", "leader"] as const;
const moment = [0, 0] as const;
const direction = { direction: ["both", "both", "in", "out"] } as const;

const kills: readonly Ingredient[] = [
  { kind: "kill", weight: 2, targets: one, lastsMs: moment },
  { kind: "delete", weight: 1, targets: one, lastsMs: moment },
  { kind: "force-delete", weight: 1, targets: one, lastsMs: moment },
  { kind: "pause", weight: 2, targets: one, lastsMs: [2_000, 5_000] },
];

const network: readonly Ingredient[] = [
  { kind: "partition", weight: 3, targets: one, lastsMs: [3_000, 8_000], options: direction },
  { kind: "partition", weight: 1, targets: ["majority", "ring"], lastsMs: [3_000, 6_000] },
  { kind: "lossy-link", weight: 1, targets: one, lastsMs: [3_000, 8_000], options: { percent: ["10", "30"] } },
  { kind: "slow-link", weight: 1, targets: one, lastsMs: [3_000, 8_000], options: { kbit: ["64", "128"] } },
  { kind: "delay", weight: 1, targets: one, lastsMs: [3_000, 8_000], options: { ms: ["50", "200"] } },
];

const storage: readonly Ingredient[] = [
  { kind: "compaction", weight: 1, targets: ["leader"], lastsMs: moment },
  { kind: "defragmentation", weight: 1, targets: ["one", "all"], lastsMs: moment },
  { kind: "quota-alarm", weight: 1, targets: ["one"], lastsMs: [2_000, 3_000] },
  { kind: "disk-full", weight: 1, targets: ["one"], lastsMs: moment },
  { kind: "clock-skew", weight: 1, targets: ["one"], lastsMs: moment },
];

const crashes: readonly Ingredient[] = [
  {
    kind: "kill-in-defragmentation",
    weight: 1,
    targets: one,
    lastsMs: moment,
    options: { afterMs: ["20", "50", "100", "200", "300"] },
  },
];

const majorities: readonly Ingredient[] = [
  { kind: "kill", weight: 1, targets: ["majority", "all"], lastsMs: moment },
  { kind: "pause", weight: 1, targets: ["majority"], lastsMs: [2_000, 5_000] },
  { kind: "force-delete", weight: 1, targets: ["all"], lastsMs: moment },
];

const membership: readonly Ingredient[] = [
  { kind: "scale", weight: 2, targets: ["all"], lastsMs: [1_000, 4_000], options: { by: ["1", "2"] } },
  { kind: "wipe", weight: 1, targets: one, lastsMs: moment },
  { kind: "rolling-restart", weight: 1, targets: ["all"], lastsMs: moment },
];

const components: readonly Ingredient[] = [
  { kind: "api-server-down", weight: 1, targets: ["all"], lastsMs: [5_000, 8_000] },
  { kind: "kubelet-down", weight: 1, targets: ["all"], lastsMs: [5_000, 8_000] },
];

const shapes: readonly PlanShape[] = [
  {
    name: "smoke",
    about: "90 s of what happens to every cluster: processes and pods that end, members that hang",
    durationMs: 90_000,
    ingredients: kills,
    betweenMs: [2_500, 4_500],
    overlapPercent: 10,
    quietAfter: 6,
    quietMs: 5_000,
  },
  {
    name: "standard",
    about: "5 min of everything that leaves the data where it is",
    durationMs: 300_000,
    ingredients: [...kills, ...network, ...storage, ...majorities],
    betweenMs: [1_500, 3_500],
    overlapPercent: 30,
    quietAfter: 8,
    quietMs: 6_000,
  },
  {
    name: "seed-a",
    about: "10 min of what Antithesis injects by itself: partitions, bad links, restarts, pauses, kills",
    durationMs: 600_000,
    ingredients: [...kills, ...network, ...majorities],
    betweenMs: [1_500, 4_000],
    overlapPercent: 30,
    quietAfter: 10,
    quietMs: 10_000,
  },
  {
    name: "scale",
    about: "5 min of membership changes under traffic",
    durationMs: 300_000,
    ingredients: membership,
    betweenMs: [1_000, 3_000],
    overlapPercent: 0,
    quietAfter: 5,
    quietMs: 5_000,
  },
  {
    name: "hell",
    about: "10 min of everything there is, volumes wiped and Kubernetes down included",
    durationMs: 600_000,
    ingredients: [...kills, ...network, ...storage, ...crashes, ...majorities, ...membership, ...components],
    betweenMs: [800, 2_500],
    overlapPercent: 45,
    quietAfter: 12,
    quietMs: 10_000,
  },
];

/** The named plans. */
export const planShapes: ReadonlyMap<string, PlanShape> = new Map(shapes.map((shape) => [shape.name, shape]));

/** Every kind some plan has, in any way, for `--faults`. */
export const allIngredients: readonly Ingredient[] = [
  ...kills,
  ...network,
  ...storage,
  ...crashes,
  ...majorities,
  ...membership,
  ...components,
];
