import { kinds, type Kind } from "./kinds.ts";
import { type AssertionEvent, type SetupEvent } from "./read.ts";

export type Verdict = "passed" | "failed" | "never reached";

export interface Property {
  readonly message: string;
  readonly kind: Kind;
  readonly verdict: Verdict;
  /** Whether the verdict is one Antithesis would report as failing: a property may be one that never has to be reached. */
  readonly good: boolean;
  /** How often it was written that it holds, and that it fails: once per process at most. */
  readonly passing: number;
  readonly failing: number;
  /** The first few of each, where they say anything. */
  readonly examples: readonly unknown[];
  readonly counterexamples: readonly unknown[];
}

export interface Evaluation {
  readonly properties: readonly Property[];
  /** Setup must have been said to be complete once, where it is said at all. */
  readonly setups: number;
}

const shownExamples = 3;

/** What Antithesis would say of these events, property by property, in the order of their messages. */
export function evaluate(events: readonly (AssertionEvent | SetupEvent)[]): Evaluation {
  const byMessage = new Map<string, AssertionEvent[]>();
  let setups = 0;
  for (const event of events) {
    if (event.type === "setup") setups += 1;
    else byMessage.set(event.message, [...(byMessage.get(event.message) ?? []), event]);
  }
  const properties = [...byMessage].map(([message, all]) => property(message, all));
  return { properties: properties.sort((a, b) => (a.message < b.message ? -1 : 1)), setups };
}

function property(message: string, events: readonly AssertionEvent[]): Property {
  const kind = events[0]?.kind ?? "Always";
  const hits = events.filter(({ hit }) => hit);
  const [passes, fails] = [hits.filter((hit) => holds(kind, hit)), hits.filter((hit) => !holds(kind, hit))];
  const verdict = verdictOf(kind, passes.length, fails.length);
  return {
    message,
    kind,
    verdict,
    good: verdict === "passed" || (verdict === "never reached" && !kinds[kind].mustHit),
    passing: passes.length,
    failing: fails.length,
    examples: examples(passes),
    counterexamples: examples(fails),
  };
}

/** Reaching what must not be reached is a failure, whatever the condition says: the SDKs differ in what they send there. */
function holds(kind: Kind, hit: AssertionEvent): boolean {
  return kind === "Unreachable" ? false : kind === "Reachable" || hit.condition;
}

function verdictOf(kind: Kind, passing: number, failing: number): Verdict {
  if (passing + failing === 0) return "never reached";
  if (kind === "Sometimes") return passing > 0 ? "passed" : "failed";
  return failing > 0 ? "failed" : "passed";
}

function examples(hits: readonly AssertionEvent[]): readonly unknown[] {
  return hits
    .map(({ details }) => details)
    .filter((details) => details !== null && details !== undefined)
    .slice(0, shownExamples);
}
