import { properties as catalog } from "../../workload/assertions/catalog.ts";
import { evaluate, type Property as Evaluated } from "../../workload/assertions/evaluate.ts";
import { kinds } from "../../workload/assertions/kinds.ts";
import { readAssertions, UnreadableAssertions, type SdkLines } from "../../workload/assertions/read.ts";
import { mostExamples, type Property } from "../report-format.ts";
import { property } from "./properties.ts";

/** They need a request to fail while one of few commands runs, which a drill can't promise. */
const leftToLuck = ["Client put requests can fail", "Client get requests can fail"];

/** What test commands asserted, as properties: every one of the catalog that had to be reached, and what else was. */
export function propertiesOfAssertions(events: SdkLines["events"]): Property[] {
  const evaluated = new Map(evaluate(events).properties.map((each) => [each.message, each]));
  return Object.entries(catalog).flatMap(([message, { kind }]): Property[] => {
    const found = evaluated.get(message) ?? unreached(message, kind);
    const { good, verdict, passing, failing, counterexamples } = found;
    if (verdict === "never reached" && good) return [];
    if (!good && leftToLuck.includes(message)) return [];
    const words =
      verdict === "never reached" ? ["it was never reached"] : counterexamples.map((each) => JSON.stringify(each));
    const wrong = words.length === 0 ? ["it did not hold"] : words;
    return [
      property({
        ...{
          id: `asserted-${kebab(message)}`,
          group: "Assertions",
          name: message,
          unit: "test commands",
          detail: kind,
        },
        passing,
        // What must hold sometimes does no harm when it does not.
        failing: good ? 0 : Math.max(1, failing),
        examples: good
          ? []
          : wrong.slice(0, mostExamples).map((each) => ({ holds: false, words: each, operations: [] })),
      }),
    ];
  });
}

/** The lines of several files; what can't be read is told, and was not asserted. */
export function assertedIn(files: readonly string[]): { events: SdkLines["events"]; warnings: string[] } {
  const events: SdkLines["events"][number][] = [];
  const warnings: string[] = [];
  for (const file of files) {
    try {
      const read = readAssertions(file);
      events.push(...read.events);
      warnings.push(...read.torn.map((line) => `an assertion was left out as torn: ${line}`));
    } catch (error) {
      if (!(error instanceof UnreadableAssertions)) throw error;
      warnings.push(error.message);
    }
  }
  return { events, warnings };
}

function unreached(message: string, kind: Evaluated["kind"]): Evaluated {
  const { mustHit } = kinds[kind];
  return {
    ...{ message, kind, verdict: "never reached", good: !mustHit, passing: 0, failing: 0 },
    ...{ examples: [], counterexamples: [] },
  };
}

function kebab(message: string): string {
  return message.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
}
