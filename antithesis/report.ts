import { UserError } from "../local/errors.ts";
import type { Value } from "./object.ts";
import { at, listAt, textAt } from "./object.ts";
import { allOf } from "./pages.ts";
import type { ReadOptions } from "./runs.ts";
import { checkedRun, reader } from "./runs.ts";

/** How much of a name or a counterexample is shown, in characters. */
const longest = 1000;

/** Nothing but Passing is as it must be: a status that Antithesis doesn't document is no pass. */
function passes(property: Record<string, Value>): boolean {
  return textAt(property, "status") === "Passing";
}

function counts(property: Record<string, Value>): string {
  const [held, failed] = [at(property, "example_count"), at(property, "counterexample_count")];
  return typeof held === "number" && typeof failed === "number" ? `held ${held} times, failed ${failed} times` : "";
}

function inWords(property: Record<string, Value>): string[] {
  const good = passes(property);
  const about = [textAt(property, "group"), counts(property)].filter((part) => part !== "").join(", ");
  const verdict = textAt(property, "status").toLowerCase();
  const line = `${good ? "✔" : "✘"} ${verdict}: ${textAt(property, "name").slice(0, longest)}${about === "" ? "" : ` (${about})`}`;
  const shown = good ? [] : listAt(property, "counterexamples");
  return [line, ...shown.map((example) => `    ${JSON.stringify(example).slice(0, longest)}`)];
}

/**
 * A run's properties in the words of `npm run assertions`: a line each, failing ones first and with what is known of
 * them. A group is the sum of its properties, which have lines of their own, so it has none.
 */
export function reportInWords(properties: readonly Record<string, Value>[]): { text: string; failing: number } {
  const single = properties.filter((property) => at(property, "is_group") !== true);
  const ordered = [...single].sort((a, b) => Number(passes(a)) - Number(passes(b)));
  const failing = single.filter((property) => !passes(property)).length;
  const sum = `${single.length} properties: ${single.length - failing} as they must be, ${failing} not`;
  return { text: [...ordered.flatMap(inWords), sum].join("\n"), failing };
}

function checked(property: Record<string, Value>): Record<string, Value> {
  if (textAt(property, "name") !== "" && textAt(property, "status") !== "") return property;
  throw new UserError("the answer has a property without name or status: it is not as Antithesis documents it");
}

/** Prints the properties of a run. Exit code 1 if one fails, or there is none. */
export async function report(run: string, options: ReadOptions, env = process.env): Promise<number> {
  const read = reader(options, env);
  const parts = [checkedRun(run), "properties"];
  const { entries } = await allOf((after) =>
    read(parts, { limit: "100", ...(after === undefined ? {} : { after }) }, { run, results: true }),
  );
  if (entries.length === 0) throw new UserError(`run ${run} has no properties: see its state with runs ${run}`);
  const { text, failing } = reportInWords(entries.map(checked));
  process.stdout.write(`${text}\n`);
  return failing === 0 ? 0 : 1;
}
