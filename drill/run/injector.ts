import { setTimeout as sleep } from "node:timers/promises";
import { type World } from "../cluster/world.ts";
import { excludeEachOther, type FaultKind, type Observe, type UndoStep } from "../faults/fault.ts";
import { type Journal } from "../faults/journal.ts";
import { faultKind } from "../faults/kinds.ts";
import { chooseTargets, type Situation } from "../faults/targets.ts";
import { undo } from "../faults/undo.ts";
import { type PlannedFault, type SkippedFault } from "../report-format.ts";
import { type Monitor } from "./monitor.ts";

/** A fault that was done, before anything is computed about it. Times are wall times in milliseconds. */
export interface DoneFault {
  readonly number: number;
  readonly planned: PlannedFault;
  readonly targets: readonly string[];
  readonly startedAt: number;
  readonly endedAt: number;
  /** "": none was seen. */
  readonly effect: string;
  /** "": doing and undoing went well. */
  readonly problem: string;
}

export interface InjectorOptions {
  readonly world: World;
  readonly journal: Journal;
  readonly monitor: Monitor;
  /** Wall time of the plan's moment 0. */
  readonly began: number;
  /** No fault begins after it, counted from `began`. */
  readonly durationMs: number;
  readonly stop: AbortSignal;
  /** Whether to go on after a fault that could not be done or undone. */
  readonly keepGoing: boolean;
  /** Told of every beginning and end, in words for people. */
  readonly say: (line: string) => void;
}

/**
 * Faults that are late begin so far apart, in milliseconds: what one does is to be seen before the next, which may end the very
 * process that the first one stopped.
 */
const apartMs = 500;

interface Running {
  readonly kind: FaultKind;
  readonly targets: readonly string[];
  readonly ended: Promise<void>;
}

/** Does the faults of a plan at their times, sees that each has its effect, and undoes them. */
export class Injector {
  readonly done: DoneFault[] = [];
  readonly skipped: SkippedFault[] = [];
  /** How many the plan had that were never begun. */
  notReached = 0;
  readonly #options: InjectorOptions;
  readonly #running = new Set<Running>();
  #number = 0;
  #lastBegan = 0;
  #failed = false;

  constructor(options: InjectorOptions) {
    this.#options = options;
  }

  /** Whether no more faults are begun because one could not be done or undone. */
  get gaveUp(): boolean {
    return this.#failed && !this.#options.keepGoing;
  }

  /** Returns when all that was begun is undone. */
  async run(planned: readonly PlannedFault[]): Promise<void> {
    for (const fault of await this.#possible(planned)) {
      if (!this.#over()) await this.#waitUntil(fault.startMs);
      if (this.#over()) this.notReached += 1;
      else await this.#begin(fault);
    }
    await this.#allEnded(() => true);
  }

  async #possible(planned: readonly PlannedFault[]): Promise<PlannedFault[]> {
    const why = new Map<string, string | undefined>();
    for (const { kind } of planned) {
      if (!why.has(kind)) why.set(kind, await faultKind(kind).missing(this.#options.world));
    }
    for (const [kind, reason] of why) {
      if (reason === undefined) continue;
      this.skipped.push({ kind, times: planned.filter((each) => each.kind === kind).length, why: reason });
      this.#options.say(`${kind} is skipped: ${reason}`);
    }
    return planned.filter(({ kind }) => why.get(kind) === undefined);
  }

  #over(): boolean {
    const { began, durationMs, stop } = this.#options;
    return stop.aborted || this.gaveUp || Date.now() - began > durationMs;
  }

  async #begin(fault: PlannedFault): Promise<void> {
    const kind = faultKind(fault.kind);
    await this.#allEnded((other) => excludeEachOther(kind, other.kind));
    if (kind.alone) await this.#options.monitor.healthyWithin(30_000);
    await this.#pause(this.#lastBegan + apartMs - Date.now());
    if (this.#over()) {
      this.notReached += 1;
      return;
    }
    this.#lastBegan = Date.now();
    const { world, monitor } = this.#options;
    const members = world.expected();
    const situation = { members, leader: monitor.latest?.leader, disturbed: this.#disturbed() };
    const targets = chooseTargets(fault, situation);
    const number = ++this.#number;
    const ended = this.#do(number, kind, asDone(fault, targets, situation), targets).finally(() =>
      this.#running.delete(running),
    );
    const running: Running = { kind, targets, ended };
    this.#running.add(running);
  }

  /** Members under a fault, or not well again after one. */
  #disturbed(): string[] {
    const under = [...this.#running].flatMap(({ targets }) => targets);
    const unwell = this.#options.monitor.latest?.members.flatMap(({ pod, ready }) => (ready ? [] : [pod])) ?? [];
    return [...new Set([...under, ...unwell])];
  }

  async #allEnded(which: (running: Running) => boolean): Promise<void> {
    await Promise.all([...this.#running].filter(which).map(({ ended }) => ended));
  }

  async #do(number: number, kind: FaultKind, planned: PlannedFault, targets: readonly string[]): Promise<void> {
    const { world, journal, say } = this.#options;
    const steps = kind.undo(world, planned, targets);
    journal.add(steps);
    const startedAt = Date.now();
    say(`fault ${number}: ${kind.title(planned)} (${targets.join(", ")})`);
    const problems: string[] = [];
    let effect = "";
    try {
      const observe = await kind.start(world, planned, targets);
      effect = await this.#watch(kind, planned, observe, startedAt);
    } catch (error) {
      problems.push(words(error));
    }
    problems.push(...(await undoAll(world, journal, steps)));
    const endedAt = Date.now();
    const problem = problems.join("; ");
    if (problem !== "") this.#failed = true;
    this.done.push({ number, planned, targets, startedAt, endedAt, effect, problem });
    const seen = effect === "" ? "no effect was seen" : effect;
    say(
      `fault ${number} is over after ${((endedAt - startedAt) / 1000).toFixed(1)} s: ${problem === "" ? seen : problem}`,
    );
  }

  /** Words for the effect: the first seen for a moment, the last for what lasts, because counters tell more by then. */
  async #watch(kind: FaultKind, planned: PlannedFault, observe: Observe, startedAt: number): Promise<string> {
    const { world } = this.#options;
    const first = (await world.until(kind.visibleWithinMs, observe)) ?? "";
    if (planned.lastsMs === 0) return first;
    await this.#pause(startedAt + planned.lastsMs - Date.now());
    const last = await observe().catch(() => undefined);
    return last ?? first;
  }

  async #waitUntil(ms: number): Promise<void> {
    await this.#pause(this.#options.began + ms - Date.now());
  }

  async #pause(ms: number): Promise<void> {
    if (ms > 0) await sleep(ms, undefined, { signal: this.#options.stop }).catch(() => undefined);
  }
}

/** The fault under the name of the member it was for where that is not the planned one, because another was disturbed already. */
function asDone(planned: PlannedFault, targets: readonly string[], situation: Situation): PlannedFault {
  const [first = ""] = targets;
  if (chooseTargets(planned, { ...situation, disturbed: [] })[0] === first) return planned;
  return { ...planned, target: String(situation.members.indexOf(first)) };
}

/** Undoes all steps and takes them out of the journal; what can't be undone stays there, and is told. */
export async function undoAll(world: World, journal: Journal, steps: readonly UndoStep[]): Promise<string[]> {
  const problems = await Promise.all(
    steps.map(async (step) => {
      try {
        await undo(world, step);
        journal.remove([step]);
        return [];
      } catch (error) {
        return [words(error)];
      }
    }),
  );
  return problems.flat();
}

function words(error: unknown): string {
  return error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
}
