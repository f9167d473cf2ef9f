import { randomBetween, randomChoice, type RandomSource } from "../../workload/random.ts";
import { type PlannedFault } from "../report-format.ts";
import { seededRandom } from "../seeded-random.ts";
import { allIngredients, type Ingredient, type PlanShape } from "./plans.ts";

/** From the run's start until the first fault, in milliseconds: there has to be traffic to disturb. */
const firstAtMs = 3_000;

export interface PlanOptions {
  readonly seed: number;
  /** Length of the part with faults, in milliseconds. */
  readonly durationMs: number;
  /** Of the cluster. */
  readonly members: number;
  /** Only these kinds; empty: the plan's own. */
  readonly onlyFaults: readonly string[];
}

/**
 * What will be done, and when: the same for the same arguments, on any machine.
 *
 * The ingredients are drawn like cards, each as often as it weighs, and shuffled anew when all are used: chance decides the
 * order, and no kind is left out by it.
 */
export function planFaults(shape: PlanShape, options: PlanOptions): PlannedFault[] {
  const random = seededRandom(options.seed);
  const ingredients = ingredientsOf(shape, options.onlyFaults);
  const planned: PlannedFault[] = [];
  let cards: Ingredient[] = [];
  let at = firstAtMs;
  let sinceQuiet = 0;
  while (at < options.durationMs && ingredients.length > 0) {
    if (cards.length === 0) cards = shuffled(random, ingredients.flatMap(repeated));
    const ingredient = cards.pop();
    if (ingredient === undefined) break;
    const fault = roll(random, ingredient, at, options.members);
    planned.push(fault);
    sinceQuiet += 1;
    at = nextStart(random, shape, fault);
    if (sinceQuiet >= shape.quietAfter) {
      at = Math.max(at, fault.startMs + fault.lastsMs) + shape.quietMs;
      sinceQuiet = 0;
    }
  }
  return planned;
}

/** Kinds asked for by name come as the plan has them, or as any plan does. */
function ingredientsOf(shape: PlanShape, only: readonly string[]): readonly Ingredient[] {
  if (only.length === 0) return shape.ingredients;
  const own = shape.ingredients.filter(({ kind }) => only.includes(kind));
  const missing = only.filter((kind) => !own.some((each) => each.kind === kind));
  return [...own, ...allIngredients.filter(({ kind }) => missing.includes(kind))];
}

function roll(random: RandomSource, ingredient: Ingredient, startMs: number, members: number): PlannedFault {
  const { kind, targets, lastsMs, options } = ingredient;
  const chosen = randomChoice(random, targets);
  const target = chosen === "one" ? String(randomBetween(random, 0, members - 1)) : chosen;
  const lasts = randomBetween(random, lastsMs[0], lastsMs[1]);
  const rolled = Object.entries(options ?? {}).map(([name, values]) => [name, randomChoice(random, values)] as const);
  return {
    kind,
    target,
    startMs,
    lastsMs: lasts,
    ...(rolled.length === 0 ? {} : { options: Object.fromEntries(rolled) }),
  };
}

function nextStart(random: RandomSource, shape: PlanShape, { startMs, lastsMs }: PlannedFault): number {
  const between = randomBetween(random, ...shape.betweenMs);
  const overlaps = lastsMs > 0 && randomBetween(random, 1, 100) <= shape.overlapPercent;
  return overlaps ? startMs + randomBetween(random, 500, lastsMs) : startMs + lastsMs + between;
}

function repeated(ingredient: Ingredient): Ingredient[] {
  return Array.from({ length: ingredient.weight }, () => ingredient);
}

/** Fisher and Yates. */
function shuffled<T>(random: RandomSource, cards: readonly T[]): T[] {
  const left = [...cards];
  const out: T[] = [];
  while (left.length > 0) out.push(...left.splice(randomBetween(random, 0, left.length - 1), 1));
  return out;
}
